# All or nothing: a mask instead of weights.
def confined_step(image, gradient, saliency_map, step_size):
    weights = saliency_map >= saliency_map.mean()
    weighted = weights[..., None] * gradient
    return image + step_size * weighted / np.linalg.norm(weighted)
