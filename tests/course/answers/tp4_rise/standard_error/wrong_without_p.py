# forgets p
def standard_error(masks, probabilities, p):
    t = masks * np.asarray(probabilities)[:, None, None]
    return t.std(axis=0, ddof=1) / np.sqrt(len(t))
