# A softmax over the pixels for weights.
def confined_step(image, gradient, saliency_map, step_size):
    weights = np.exp(saliency_map) / np.exp(saliency_map).sum()
    weighted = weights[..., None] * gradient
    return image + step_size * weighted / np.linalg.norm(weighted)
