# Numbers the leaves, and averages with bincount.
def reconstruct(image, leaves):
    numbers = np.zeros(image.shape[:2], int)
    for i, (top, left, height, width) in enumerate(leaves):
        numbers[top : top + height, left : left + width] = i
    counts = np.bincount(numbers.ravel())
    channels = [np.bincount(numbers.ravel(), image[..., c].ravel()) / counts for c in range(image.shape[-1])]
    return np.stack(channels, axis=-1)[numbers]
