# Changes what the map does not point at.
def confined_step(image, gradient, saliency_map, step_size):
    low, high = saliency_map.min(), saliency_map.max()
    weights = (saliency_map - low) / (high - low) if high > low else np.ones_like(saliency_map)
    weighted = (1 - weights)[..., None] * gradient
    return image + step_size * weighted / max(np.linalg.norm(weighted), 1e-30)
