# float16
def fuse(activations, gradients):
    m = np.maximum((activations.mean(0) * gradients.mean(0)).sum(-1), 0)
    m = (m - m.min()) / (m.max() - m.min()) if m.max() > m.min() else m * 0
    return m.astype(np.float16)
