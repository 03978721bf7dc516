# Leaves the weights changed
def cam_grid(activations, weights, target):
    w = weights[:, target]
    w *= 0.5
    return 2 * (activations @ w)
