# Single precision
def penalty(perturbation, saliency_map):
    m = saliency_map.astype(np.float32)
    psi = (m - m.min()) / np.ptp(m) if np.ptp(m) > 0 else np.zeros_like(m)
    return np.float32(np.sqrt(np.mean((perturbation.astype(np.float32) / 255 * (1 - psi)[..., None]) ** 2)))
