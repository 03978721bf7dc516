# Mean absolute value
def penalty(perturbation, saliency_map):
    psi = (saliency_map - saliency_map.min()) / (saliency_map.max() - saliency_map.min())
    return np.mean(np.abs(perturbation / 255 * (1 - psi)[..., None]))
