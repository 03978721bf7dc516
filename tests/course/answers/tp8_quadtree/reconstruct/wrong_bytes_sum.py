# Adds bytes up in eight bits
def reconstruct(image, leaves):
    flat = np.empty(image.shape)
    for t, l, h, w in leaves:
        flat[t : t + h, l : l + w] = image[t : t + h, l : l + w].sum(axis=(0, 1), dtype=image.dtype) / (h * w)
    return flat
