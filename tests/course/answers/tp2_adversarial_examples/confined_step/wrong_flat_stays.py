# A flat map stops the attack.
def confined_step(image, gradient, saliency_map, learning_rate):
    weights = saliency_map - saliency_map.min()
    weighted = weights[..., None] * gradient
    return image + learning_rate * weighted / max(np.linalg.norm(weighted), 1e-30)
