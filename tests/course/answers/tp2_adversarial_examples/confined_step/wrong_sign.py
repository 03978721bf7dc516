# Down instead of up.
def confined_step(image, gradient, saliency_map, step_size):
    low, high = saliency_map.min(), saliency_map.max()
    weights = (saliency_map - low) / (high - low) if high > low else np.ones_like(saliency_map)
    weighted = weights[..., None] * gradient
    return image - step_size * weighted / np.linalg.norm(weighted)
