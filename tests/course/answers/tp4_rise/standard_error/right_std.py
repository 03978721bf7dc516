# with std
def standard_error(masks, probabilities, p):
    t = np.asarray(masks, np.float64) * np.asarray(probabilities)[:, None, None] / p
    return np.std(t, axis=0, ddof=1) / len(t) ** 0.5
