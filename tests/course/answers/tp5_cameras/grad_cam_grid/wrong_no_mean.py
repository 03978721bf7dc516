# Product pixel by pixel: the gradient is not averaged
def grad_cam_grid(activations, gradients):
    return np.maximum((activations * gradients).sum(axis=-1), 0)
