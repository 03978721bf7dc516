# Returns the means of the leaves, not the image.
def reconstruct(image, leaves):
    return np.array([image[t : t + h, l : l + w].mean(axis=(0, 1)) for t, l, h, w in leaves])
