# Euclidean norm instead of root mean square
def penalty(perturbation, saliency_map):
    psi = (saliency_map - saliency_map.min()) / (saliency_map.max() - saliency_map.min())
    return np.linalg.norm(perturbation / 255 * (1 - psi)[..., None])
