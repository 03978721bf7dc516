# Absolute values of the map.
def confined_step(image, gradient, saliency_map, step_size):
    weights = np.abs(saliency_map) / np.abs(saliency_map).max()
    weighted = weights[..., None] * gradient
    return image + step_size * weighted / np.linalg.norm(weighted)
