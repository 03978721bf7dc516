# divided by how often each pixel was kept
def weighted_sum(masks, probabilities, p):
    total = np.einsum("n,nhw->hw", probabilities, masks)
    return total / np.maximum(masks.sum(axis=0), 1e-12)
