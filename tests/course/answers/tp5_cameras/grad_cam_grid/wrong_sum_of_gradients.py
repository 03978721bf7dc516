# Sum of the gradient instead of its mean
def grad_cam_grid(activations, gradients):
    return np.maximum(activations @ gradients.sum(axis=(0, 1)), 0)
