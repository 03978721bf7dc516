# Weights from the activations, applied to the gradients
def grad_cam_grid(activations, gradients):
    return np.maximum(gradients @ activations.mean(axis=(0, 1)), 0)
