# ReLU before the sum over the feature maps
def fuse(activations, gradients):
    m = np.maximum(activations.mean(axis=0) * gradients.mean(axis=0), 0).sum(axis=-1)
    m = m - m.min()
    return m / m.max() if m.max() > 0 else m
