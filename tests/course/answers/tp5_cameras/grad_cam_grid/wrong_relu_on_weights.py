# ReLU on the weights
def grad_cam_grid(activations, gradients):
    return activations @ np.maximum(gradients.mean(axis=(0, 1)), 0)
