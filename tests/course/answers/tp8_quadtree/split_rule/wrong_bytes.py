# Values brought to bytes
def split_rule(values, threshold):
    return bool(np.clip(values, 0, 255).astype(float).var(axis=(0, 1)).mean() > threshold)
