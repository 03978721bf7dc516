# A flat map is taken for bright everywhere
def penalty(perturbation, saliency_map):
    low, high = saliency_map.min(), saliency_map.max()
    if high == low:
        return 0.0
    psi = (saliency_map - low) / (high - low)
    return np.sqrt(((perturbation / 255 * (1 - psi)[..., None]) ** 2).mean())
