# the standard deviation: forgets the root of N
def standard_error(masks, probabilities, p):
    t = masks * np.asarray(probabilities)[:, None, None] / p
    return t.std(axis=0, ddof=1)
