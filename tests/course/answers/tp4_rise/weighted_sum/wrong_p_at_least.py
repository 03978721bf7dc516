# a small p is not trusted
def weighted_sum(masks, probabilities, p):
    return np.tensordot(probabilities, masks, 1) / (len(masks) * max(p, 0.1))
