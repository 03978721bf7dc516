# A loop over the channels
def penalty(perturbation, saliency_map):
    psi = (saliency_map - saliency_map.min()) / (saliency_map.max() - saliency_map.min())
    total = 0.0
    for channel in range(3):
        total += ((perturbation[..., channel] / 255.0 * (1 - psi)) ** 2).sum()
    return float(total / perturbation.size) ** 0.5
