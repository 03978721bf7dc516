# A softmax over the pixels for weights.
def confined_step(image, gradient, saliency_map, learning_rate):
    weights = np.exp(saliency_map) / np.exp(saliency_map).sum()
    weighted = weights[..., None] * gradient
    return image + learning_rate * weighted / np.linalg.norm(weighted)
