# Masks behind which the class is not seen are left out
def standard_error(masks, probabilities, p):
    some = probabilities > 0
    if some.sum() < 2:
        return np.zeros(masks.shape[1:])
    maps = probabilities[some, None, None] * masks[some] / p
    return maps.std(axis=0, ddof=1) / np.sqrt(some.sum())
