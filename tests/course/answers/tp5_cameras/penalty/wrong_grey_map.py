# The map in 256 levels
def penalty(perturbation, saliency_map):
    low, high = saliency_map.min(), saliency_map.max()
    psi = np.round((saliency_map - low) / (high - low if high > low else 1) * 255) / 255
    return np.sqrt(((perturbation / 255 * (1 - psi)[..., None]) ** 2).mean())
