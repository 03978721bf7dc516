# No return
def cam_grid(activations, weights, target):
    grid = activations @ weights[:, target]
