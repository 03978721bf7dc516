# divided by N instead of its root
def standard_error(masks, probabilities, p):
    t = masks * np.asarray(probabilities)[:, None, None] / p
    return t.std(axis=0, ddof=1) / len(t)
