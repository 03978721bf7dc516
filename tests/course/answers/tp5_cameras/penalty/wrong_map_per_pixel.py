# A map instead of a number
def penalty(perturbation, saliency_map):
    psi = (saliency_map - saliency_map.min()) / (saliency_map.max() - saliency_map.min())
    return np.sqrt(np.mean((perturbation / 255 * (1 - psi)[..., None]) ** 2, axis=-1))
