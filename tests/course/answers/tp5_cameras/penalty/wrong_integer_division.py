# Whole units of 255 for integers
def penalty(perturbation, saliency_map):
    low, high = saliency_map.min(), saliency_map.max()
    psi = (saliency_map - low) / (high - low if high > low else 1)
    p = perturbation // 255 if perturbation.dtype.kind == "i" else perturbation / 255
    return np.sqrt(((p * (1 - psi)[..., None]) ** 2).mean())
