# the variance
def standard_error(masks, probabilities, p):
    t = masks * np.asarray(probabilities)[:, None, None] / p
    return t.var(axis=0, ddof=1) / len(t)
