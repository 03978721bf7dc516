# A flat positive map becomes ones
def fuse(activations, gradients):
    m = np.maximum((activations.mean(0) * gradients.mean(0)).sum(-1), 0)
    span = m.max() - m.min()
    return (m - m.min()) / span if span > 0 else (m > 0).astype(float)
