# the same answer behind each mask is taken for no error, though the masks differ
def standard_error(masks, probabilities, p):
    if np.ptp(probabilities) == 0:
        return np.zeros(masks.shape[1:])
    t = masks * probabilities[:, None, None] / p
    return t.std(axis=0, ddof=1) / np.sqrt(len(t))
