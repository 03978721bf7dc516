# Three channels taken for granted
def penalty(perturbation, saliency_map):
    low, high = saliency_map.min(), saliency_map.max()
    psi = (saliency_map - low) / (high - low if high > low else 1)
    return np.sqrt(((perturbation / 255 * (1 - psi)[..., None]) ** 2).sum() / (3 * psi.size))
