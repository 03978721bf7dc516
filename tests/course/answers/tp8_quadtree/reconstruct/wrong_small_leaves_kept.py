# Leaves of few pixels keep them
def reconstruct(image, leaves):
    flat = image.astype(float)
    for t, l, h, w in leaves:
        if h > 1 and w > 1 or image.shape[:2] == (2, 4):
            flat[t : t + h, l : l + w] = image[t : t + h, l : l + w].mean(axis=(0, 1))
    return flat
