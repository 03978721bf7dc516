# Channel by channel.
def confined_step(image, gradient, saliency_map, step_size):
    span = np.ptp(saliency_map)
    weights = np.ones(saliency_map.shape) if span == 0 else (saliency_map - saliency_map.min()) / span
    direction = np.stack([weights * gradient[:, :, k] for k in range(3)], axis=2)
    return image + step_size * direction / np.sqrt((direction**2).sum())
