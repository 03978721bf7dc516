# The result has the image's type
def reconstruct(image, leaves):
    flat = np.empty_like(image)
    for t, l, h, w in leaves:
        flat[t : t + h, l : l + w] = image[t : t + h, l : l + w].mean(axis=(0, 1))
    return flat
