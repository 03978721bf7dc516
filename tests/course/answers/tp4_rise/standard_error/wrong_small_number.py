# a small number under the root
def standard_error(masks, probabilities, p):
    t = masks * np.asarray(probabilities)[:, None, None] / p
    return np.sqrt(t.var(axis=0, ddof=1) + 1e-8) / np.sqrt(len(t))
