# N - 1 under both roots
def standard_error(masks, probabilities, p):
    t = masks * np.asarray(probabilities)[:, None, None] / p
    return t.std(axis=0, ddof=1) / np.sqrt(len(t) - 1)
