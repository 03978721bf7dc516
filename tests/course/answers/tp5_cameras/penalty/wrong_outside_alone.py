# Mean over the pixels outside the map only
def penalty(perturbation, saliency_map):
    psi = (saliency_map - saliency_map.min()) / (saliency_map.max() - saliency_map.min())
    outside = perturbation / 255 * (1 - psi)[..., None]
    return np.sqrt(np.mean(outside[psi < 1] ** 2))
