# Absolute value instead of ReLU
def fuse(activations, gradients):
    m = np.abs((activations.mean(axis=0) * gradients.mean(axis=0)).sum(axis=-1))
    m = m - m.min()
    return m / m.max() if m.max() > 0 else m
