# Divides the gradients that it is given
def grad_cam_grid(activations, gradients):
    gradients /= gradients.shape[0] * gradients.shape[1]
    return np.maximum(activations @ gradients.sum(axis=(0, 1)), 0)
