# Divided by the maximum, the minimum stays.
def confined_step(image, gradient, saliency_map, step_size):
    weighted = (saliency_map / saliency_map.max())[..., None] * gradient
    return image + step_size * weighted / np.linalg.norm(weighted)
