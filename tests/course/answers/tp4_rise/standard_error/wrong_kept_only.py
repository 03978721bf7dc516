# Counts at each pixel only the masks that keep it
def standard_error(masks, probabilities, p):
    maps = probabilities[:, None, None] * masks / p
    n = np.maximum((masks > 0).sum(axis=0), 1)
    return maps.std(axis=0, ddof=1) / np.sqrt(n)
