# Map divided by its maximum
def penalty(perturbation, saliency_map):
    psi = saliency_map / saliency_map.max()
    return np.sqrt(np.mean((perturbation / 255 * (1 - psi)[..., None]) ** 2))
