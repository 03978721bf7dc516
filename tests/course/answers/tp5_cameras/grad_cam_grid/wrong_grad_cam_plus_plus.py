# Only positive gradients are averaged
def grad_cam_grid(activations, gradients):
    return np.maximum(activations @ np.maximum(gradients, 0).mean(axis=(0, 1)), 0)
