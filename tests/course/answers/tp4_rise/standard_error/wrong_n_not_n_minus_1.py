# divides by N in the variance
def standard_error(masks, probabilities, p):
    t = masks * np.asarray(probabilities)[:, None, None] / p
    return t.std(axis=0) / np.sqrt(len(t))
