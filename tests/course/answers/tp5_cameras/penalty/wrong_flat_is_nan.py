# Divides by zero on a flat map
def penalty(perturbation, saliency_map):
    psi = (saliency_map - saliency_map.min()) / (saliency_map.max() - saliency_map.min())
    return np.sqrt(((perturbation / 255 * (1 - psi)[..., None]) ** 2).mean())
