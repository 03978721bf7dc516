# divided by the sum of the probabilities
def weighted_sum(masks, probabilities, p):
    return np.einsum("n,nhw->hw", probabilities, masks) / np.sum(probabilities) / p
