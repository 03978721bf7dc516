# Divided by the maximum, the minimum left
def fuse(activations, gradients):
    m = np.maximum((activations.mean(axis=0) * gradients.mean(axis=0)).sum(axis=-1), 0)
    return m / m.max() if m.max() > 0 else m
