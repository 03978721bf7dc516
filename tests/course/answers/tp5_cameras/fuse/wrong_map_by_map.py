# A map for each size, ReLU, then the mean: averaged Grad-CAMs
def fuse(activations, gradients):
    m = np.maximum((activations * gradients).sum(axis=-1), 0).mean(axis=0)
    m = m - m.min()
    return m / m.max() if m.max() > 0 else m
