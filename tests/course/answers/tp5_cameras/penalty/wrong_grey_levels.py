# Grey levels instead of units of 255
def penalty(perturbation, saliency_map):
    psi = (saliency_map - saliency_map.min()) / (saliency_map.max() - saliency_map.min())
    return np.sqrt(np.mean((perturbation * (1 - psi)[..., None]) ** 2))
