# Only a map of zeros is flat
def penalty(perturbation, saliency_map):
    low, high = saliency_map.min(), saliency_map.max()
    psi = saliency_map if high == 0 else (saliency_map - low) / (high - low)
    return np.sqrt(((perturbation / 255 * (1 - psi)[..., None]) ** 2).mean())
