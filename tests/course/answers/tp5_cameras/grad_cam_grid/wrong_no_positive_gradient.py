# without a positive gradient nothing is thought to speak for the class
def grad_cam_grid(activations, gradients):
    w = gradients.mean(axis=(0, 1))
    if w.max() <= 0:
        return np.zeros(activations.shape[:2])
    return np.maximum(activations @ w, 0)
