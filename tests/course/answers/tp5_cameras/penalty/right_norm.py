# With np.linalg.norm
def penalty(perturbation, saliency_map):
    psi = (saliency_map - saliency_map.min()) / (saliency_map.max() - saliency_map.min())
    outside = np.repeat(1 - psi[:, :, None], 3, axis=2)
    return np.linalg.norm(perturbation * outside) / (255 * np.sqrt(perturbation.size))
