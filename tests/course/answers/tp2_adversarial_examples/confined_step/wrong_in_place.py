# Brings the map given to [0, 1], in place.
def confined_step(image, gradient, saliency_map, learning_rate):
    low, high = saliency_map.min(), saliency_map.max()
    if high > low:
        saliency_map -= low
        saliency_map /= high - low
    else:
        saliency_map[:] = 1
    weighted = saliency_map[..., None] * gradient
    return image + learning_rate * weighted / np.linalg.norm(weighted)
