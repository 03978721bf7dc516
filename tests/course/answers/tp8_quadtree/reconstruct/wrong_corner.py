# The colour of the first pixel.
def reconstruct(image, leaves):
    flat = np.empty(image.shape)
    for t, l, h, w in leaves:
        flat[t : t + h, l : l + w] = image[t, l]
    return flat
