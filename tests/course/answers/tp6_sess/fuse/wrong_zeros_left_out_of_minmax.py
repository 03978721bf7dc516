# The minimum is taken over the pixels that some layer sees
def fuse(layers):
    mean = layers.sum(0) / np.maximum((layers > 0).sum(0), 1)
    seen = mean > 0
    if not seen.any() or mean[seen].max() == mean[seen].min():
        return seen.astype(float) if not seen.all() else mean * 0
    low, high = mean[seen].min(), mean[seen].max()
    return np.clip((mean - low) / (high - low), 0, 1)
