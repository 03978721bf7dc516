# Absolute value instead of ReLU
def grad_cam_grid(activations, gradients):
    return np.abs(activations @ gradients.mean(axis=(0, 1)))
