# A small number in the denominator instead of a case of its own
def penalty(perturbation, saliency_map):
    psi = (saliency_map - saliency_map.min()) / (saliency_map.max() - saliency_map.min() + 1e-8)
    return np.sqrt(((perturbation / 255 * (1 - psi)[..., None]) ** 2).mean())
