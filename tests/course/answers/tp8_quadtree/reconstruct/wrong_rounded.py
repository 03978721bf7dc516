# Writes into an image of unsigned bytes: the means are cut.
def reconstruct(image, leaves):
    flat = np.empty(image.shape, np.uint8)
    for t, l, h, w in leaves:
        flat[t : t + h, l : l + w] = image[t : t + h, l : l + w].mean(axis=(0, 1))
    return flat
