# Multiplied size by size, averaged after
def fuse(activations, gradients):
    m = np.maximum((activations * gradients).mean(axis=0).sum(axis=-1), 0)
    m = m - m.min()
    return m / m.max() if m.max() > 0 else m
