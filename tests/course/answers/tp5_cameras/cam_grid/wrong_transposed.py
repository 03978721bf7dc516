# Rows and columns swapped
def cam_grid(activations, weights, target):
    return (activations @ weights[:, target]).T
