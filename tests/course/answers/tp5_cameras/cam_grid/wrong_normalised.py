# Brought to [0, 1]
def cam_grid(activations, weights, target):
    grid = activations @ weights[:, target]
    return (grid - grid.min()) / (grid.max() - grid.min())
