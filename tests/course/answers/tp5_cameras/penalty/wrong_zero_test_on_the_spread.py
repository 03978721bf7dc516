# rounding gives a flat map a standard deviation that is not 0, and then NaN
def penalty(perturbation, saliency_map):
    psi = np.zeros(saliency_map.shape)
    if saliency_map.std() != 0:
        low, high = saliency_map.min(), saliency_map.max()
        psi = (saliency_map - low) / (high - low)
    return np.sqrt(np.mean((perturbation / 255 * (1 - psi)[..., None]) ** 2))
