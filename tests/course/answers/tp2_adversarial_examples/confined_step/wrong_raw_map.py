# The map as it is, not brought to [0, 1].
def confined_step(image, gradient, saliency_map, learning_rate):
    weighted = saliency_map[..., None] * gradient
    return image + learning_rate * weighted / np.linalg.norm(weighted)
