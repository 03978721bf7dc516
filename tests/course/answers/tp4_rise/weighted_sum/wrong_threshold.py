# small probabilities count as none
def weighted_sum(masks, probabilities, p):
    seen = np.where(probabilities > 1e-4, probabilities, 0)
    return np.einsum("n,nhw->hw", seen, masks) / (len(masks) * p)
