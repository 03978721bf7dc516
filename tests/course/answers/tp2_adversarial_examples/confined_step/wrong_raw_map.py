# The map as it is, not brought to [0, 1].
def confined_step(image, gradient, saliency_map, step_size):
    weighted = saliency_map[..., None] * gradient
    return image + step_size * weighted / np.linalg.norm(weighted)
