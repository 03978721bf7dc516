# Divides the perturbation that it is given
def penalty(perturbation, saliency_map):
    low, high = saliency_map.min(), saliency_map.max()
    psi = (saliency_map - low) / (high - low if high > low else 1)
    if perturbation.dtype.kind == "f":
        perturbation /= 255
    else:
        perturbation = perturbation / 255
    return np.sqrt(((perturbation * (1 - psi)[..., None]) ** 2).mean())
