# fewer than three masks have no error
def standard_error(masks, probabilities, p):
    t = masks * np.asarray(probabilities)[:, None, None] / p
    if len(t) < 3:
        return np.zeros(t.shape[1:])
    return t.std(axis=0, ddof=1) / np.sqrt(len(t))
