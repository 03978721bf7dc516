# Single precision
def fuse(activations, gradients):
    a, g = activations.astype(np.float32).mean(axis=0), gradients.astype(np.float32).mean(axis=0)
    m = np.maximum((a * g).sum(axis=-1), 0)
    return (m - m.min()) / np.ptp(m) if np.ptp(m) > 0 else np.zeros_like(m)
