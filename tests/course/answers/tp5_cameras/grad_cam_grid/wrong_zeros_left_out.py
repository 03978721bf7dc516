# The mean of the gradients that are not 0
def grad_cam_grid(activations, gradients):
    n = np.maximum((gradients != 0).sum(axis=(0, 1)), 1)
    w = gradients.sum(axis=(0, 1)) / n
    return np.maximum(activations @ w, 0)
