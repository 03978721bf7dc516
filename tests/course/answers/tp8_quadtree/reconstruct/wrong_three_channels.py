# Three channels taken for granted
def reconstruct(image, leaves):
    flat = image.astype(float)
    for t, l, h, w in leaves:
        for c in range(min(3, image.shape[2])):
            flat[t : t + h, l : l + w, c] = image[t : t + h, l : l + w, c].mean()
    return flat
