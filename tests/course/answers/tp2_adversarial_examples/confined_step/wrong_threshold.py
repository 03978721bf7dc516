# All or nothing: a mask instead of weights.
def confined_step(image, gradient, saliency_map, learning_rate):
    weights = saliency_map >= saliency_map.mean()
    weighted = weights[..., None] * gradient
    return image + learning_rate * weighted / np.linalg.norm(weighted)
