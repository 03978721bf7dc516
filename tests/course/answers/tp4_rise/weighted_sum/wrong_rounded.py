# rounded to four decimals
def weighted_sum(masks, probabilities, p):
    return np.round(np.einsum("n,nhw->hw", probabilities, masks) / (len(masks) * p), 4)
