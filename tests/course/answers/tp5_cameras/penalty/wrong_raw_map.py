# The map is not brought to [0, 1]
def penalty(perturbation, saliency_map):
    return np.sqrt(np.mean((perturbation / 255 * (1 - saliency_map)[..., None]) ** 2))
