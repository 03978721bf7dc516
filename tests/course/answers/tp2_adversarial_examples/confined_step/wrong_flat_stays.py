# A flat map stops the attack.
def confined_step(image, gradient, saliency_map, step_size):
    weights = saliency_map - saliency_map.min()
    weighted = weights[..., None] * gradient
    return image + step_size * weighted / max(np.linalg.norm(weighted), 1e-30)
