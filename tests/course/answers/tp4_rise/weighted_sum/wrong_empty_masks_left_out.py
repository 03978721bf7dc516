# Masks that hide everything are not counted
def weighted_sum(masks, probabilities, p):
    n = (masks.reshape(len(masks), -1).max(axis=1) > 0).sum()
    return np.einsum("n,nhw->hw", probabilities, masks) / (max(n, 1) * p)
