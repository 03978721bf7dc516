# Divides by the pixels only, not by the channels
def penalty(perturbation, saliency_map):
    psi = (saliency_map - saliency_map.min()) / (saliency_map.max() - saliency_map.min())
    return np.sqrt(np.sum((perturbation / 255 * (1 - psi)[..., None]) ** 2) / saliency_map.size)
