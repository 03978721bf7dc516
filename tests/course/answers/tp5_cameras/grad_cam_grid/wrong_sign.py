# Gradient of the loss: the opposite sign
def grad_cam_grid(activations, gradients):
    return np.maximum(activations @ -gradients.mean(axis=(0, 1)), 0)
