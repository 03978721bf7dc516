# The square of int16 runs over
def penalty(perturbation, saliency_map):
    low, high = saliency_map.min(), saliency_map.max()
    psi = (saliency_map - low) / (high - low if high > low else 1)
    return np.sqrt((perturbation**2 * ((1 - psi) ** 2)[..., None]).mean()) / 255
