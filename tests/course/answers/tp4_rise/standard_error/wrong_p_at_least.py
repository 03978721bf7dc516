# a small p is not trusted
def standard_error(masks, probabilities, p):
    t = masks * probabilities[:, None, None] / max(p, 0.05)
    return t.std(axis=0, ddof=1) / np.sqrt(len(t))
