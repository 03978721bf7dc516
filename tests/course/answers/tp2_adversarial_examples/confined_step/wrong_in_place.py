# Brings the map given to [0, 1], in place.
def confined_step(image, gradient, saliency_map, step_size):
    low, high = saliency_map.min(), saliency_map.max()
    if high > low:
        saliency_map -= low
        saliency_map /= high - low
    else:
        saliency_map[:] = 1
    weighted = saliency_map[..., None] * gradient
    return image + step_size * weighted / np.linalg.norm(weighted)
