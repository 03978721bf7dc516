# rounded to four decimals
def standard_error(masks, probabilities, p):
    t = masks * np.asarray(probabilities)[:, None, None] / p
    return np.round(t.std(axis=0, ddof=1) / np.sqrt(len(t)), 4)
