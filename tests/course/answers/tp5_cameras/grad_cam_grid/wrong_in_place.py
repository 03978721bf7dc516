# Changes the activations
def grad_cam_grid(activations, gradients):
    activations *= gradients.mean(axis=(0, 1))
    return np.maximum(activations.sum(axis=-1), 0)
