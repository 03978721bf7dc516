# Tiny gradients taken for 0
def gradient_map(gradient):
    saliency_map = np.abs(gradient).max(axis=-1)
    return np.where(saliency_map < 1e-12, 0, saliency_map)
