# Divided by its maximum
def grad_cam_grid(activations, gradients):
    grid = np.maximum(activations @ gradients.mean(axis=(0, 1)), 0)
    return grid / (grid.max() + 1e-8)
