# Absolute values of the map.
def confined_step(image, gradient, saliency_map, learning_rate):
    weights = np.abs(saliency_map) / np.abs(saliency_map).max()
    weighted = weights[..., None] * gradient
    return image + learning_rate * weighted / np.linalg.norm(weighted)
