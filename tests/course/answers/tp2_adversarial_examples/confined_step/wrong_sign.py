# Down instead of up.
def confined_step(image, gradient, saliency_map, learning_rate):
    low, high = saliency_map.min(), saliency_map.max()
    weights = (saliency_map - low) / (high - low) if high > low else np.ones_like(saliency_map)
    weighted = weights[..., None] * gradient
    return image - learning_rate * weighted / np.linalg.norm(weighted)
