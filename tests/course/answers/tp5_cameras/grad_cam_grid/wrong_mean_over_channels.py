# Mean over the channels instead of the positions
def grad_cam_grid(activations, gradients):
    return np.maximum((activations * gradients.mean(axis=-1, keepdims=True)).sum(axis=-1), 0)
