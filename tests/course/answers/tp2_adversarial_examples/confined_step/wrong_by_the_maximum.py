# Divided by the maximum, the minimum stays.
def confined_step(image, gradient, saliency_map, learning_rate):
    weighted = (saliency_map / saliency_map.max())[..., None] * gradient
    return image + learning_rate * weighted / np.linalg.norm(weighted)
