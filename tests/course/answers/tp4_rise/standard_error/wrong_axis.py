# over the wrong axis
def standard_error(masks, probabilities, p):
    t = masks * np.asarray(probabilities)[:, None, None] / p
    return t.std(axis=1, ddof=1) / np.sqrt(len(t))
