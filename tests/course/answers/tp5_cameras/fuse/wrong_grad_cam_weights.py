# Gradient averaged over the places, as in Grad-CAM
def fuse(activations, gradients):
    m = np.maximum(activations.mean(axis=0) @ gradients.mean(axis=(0, 1, 2)), 0)
    m = m - m.min()
    return m / m.max() if m.max() > 0 else m
