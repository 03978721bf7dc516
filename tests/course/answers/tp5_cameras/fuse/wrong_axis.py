# Mean over the feature maps, sum over the sizes
def fuse(activations, gradients):
    m = np.maximum((activations.mean(axis=-1) * gradients.mean(axis=-1)).sum(axis=0), 0)
    m = m - m.min()
    return m / m.max() if m.max() > 0 else m
