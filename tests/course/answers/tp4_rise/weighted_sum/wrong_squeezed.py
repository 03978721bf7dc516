# squeezes every axis of length one
def weighted_sum(masks, probabilities, p):
    return np.squeeze(np.einsum("n,nhw->hw", probabilities, masks) / (len(masks) * p))
