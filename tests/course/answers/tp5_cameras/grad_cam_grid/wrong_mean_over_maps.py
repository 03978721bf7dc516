# Mean over the feature maps instead of their sum
def grad_cam_grid(activations, gradients):
    return np.maximum((activations * gradients.mean(axis=(0, 1))).mean(axis=-1), 0)
