# A label for each pixel, then bincount
def reconstruct(image, leaves):
    h, w, C = image.shape
    labels = np.zeros((h, w), int)
    for k, (t, l, a, b) in enumerate(leaves):
        labels[t : t + a, l : l + b] = k
    n = np.bincount(labels.ravel())
    means = [np.bincount(labels.ravel(), weights=image[..., c].ravel().astype(float)) / n for c in range(C)]
    return np.stack([mean[labels] for mean in means], axis=-1)
