# centred probabilities: another estimator, whose map is shifted
def weighted_sum(masks, probabilities, p):
    centred = np.asarray(probabilities) - np.mean(probabilities)
    return np.einsum("n,nhw->hw", centred, masks) / (len(masks) * p)
