# ReLU on the activations too
def grad_cam_grid(activations, gradients):
    return np.maximum(np.maximum(activations, 0) @ gradients.mean(axis=(0, 1)), 0)
