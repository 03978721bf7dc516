# Negative values of the map are cut
def penalty(perturbation, saliency_map):
    positive = np.maximum(saliency_map, 0)
    low, high = positive.min(), positive.max()
    psi = (positive - low) / (high - low if high > low else 1)
    return np.sqrt(((perturbation / 255 * (1 - psi)[..., None]) ** 2).mean())
