# The median instead of the mean.
def reconstruct(image, leaves):
    flat = np.empty(image.shape)
    for t, l, h, w in leaves:
        flat[t : t + h, l : l + w] = np.median(image[t : t + h, l : l + w], axis=(0, 1))
    return flat
