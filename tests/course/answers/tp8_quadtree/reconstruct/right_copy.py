# A float32 copy, filled channel by channel.
def reconstruct(image, leaves):
    flat = image.astype(np.float32)
    for t, l, h, w in leaves:
        for c in range(image.shape[-1]):
            flat[t : t + h, l : l + w, c] = np.mean(flat[t : t + h, l : l + w, c])
    return flat
