# The mean of the gradients that are not 0
def fuse(activations, gradients):
    count = np.maximum((gradients != 0).sum(axis=0), 1)
    m = np.maximum((activations.mean(axis=0) * (gradients.sum(axis=0) / count)).sum(axis=-1), 0)
    return (m - m.min()) / (m.max() - m.min()) if m.max() > m.min() else np.zeros_like(m)
