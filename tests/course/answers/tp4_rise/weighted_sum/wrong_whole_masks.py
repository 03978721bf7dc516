# a pixel is kept or not: masks cut at one half
def weighted_sum(masks, probabilities, p):
    return np.einsum("n,nhw->hw", probabilities, masks > 0.5) / (len(masks) * p)
