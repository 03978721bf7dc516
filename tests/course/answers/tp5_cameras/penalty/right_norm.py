# With np.linalg.norm
def penalty(perturbation, saliency_map):
    span = saliency_map.max() - saliency_map.min()
    psi = (saliency_map - saliency_map.min()) / span if span > 0 else np.zeros(saliency_map.shape)
    outside = np.repeat(1 - psi[:, :, None], perturbation.shape[2], axis=2)
    return np.linalg.norm(perturbation * outside) / (255 * np.sqrt(perturbation.size))
