# A loop over the feature maps
def fuse(activations, gradients):
    m = np.zeros(activations.shape[1:3])
    for k in range(activations.shape[-1]):
        m += activations[..., k].mean(axis=0) * gradients[..., k].mean(axis=0)
    m = m.clip(min=0)
    m -= m.min()
    return m / m.max() if m.max() > 0 else m
