# Masks behind which the class is not seen are left out
def weighted_sum(masks, probabilities, p):
    some = probabilities > 0
    if not some.any():
        return np.zeros(masks.shape[1:])
    return np.tensordot(probabilities[some], masks[some], 1) / (some.sum() * p)
