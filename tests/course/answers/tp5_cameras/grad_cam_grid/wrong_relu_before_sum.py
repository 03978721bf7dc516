# ReLU of each feature map, before the sum
def grad_cam_grid(activations, gradients):
    return np.maximum(activations * gradients.mean(axis=(0, 1)), 0).sum(axis=-1)
