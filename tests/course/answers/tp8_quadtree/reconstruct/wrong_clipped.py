# Brought to [0, 255]
def reconstruct(image, leaves):
    flat = np.empty(image.shape)
    for t, l, h, w in leaves:
        flat[t : t + h, l : l + w] = image[t : t + h, l : l + w].mean(axis=(0, 1))
    return flat.clip(0, 255)
