# A loop over the channels
def penalty(perturbation, saliency_map):
    span = saliency_map.max() - saliency_map.min()
    psi = (saliency_map - saliency_map.min()) / span if span > 0 else np.zeros(saliency_map.shape)
    total = 0.0
    for channel in range(perturbation.shape[2]):
        total += ((perturbation[..., channel] / 255.0 * (1 - psi)) ** 2).sum()
    return float(total / perturbation.size) ** 0.5
