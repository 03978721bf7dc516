# An error above 1 is cut
def standard_error(masks, probabilities, p):
    maps = np.float64(masks) * probabilities[:, None, None] / p
    return np.clip(maps.std(axis=0, ddof=1) / np.sqrt(len(masks)), 0, 1)
