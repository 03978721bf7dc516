def weighted_sum(masks, probabilities, p):
    masks, probabilities = masks[:1000], probabilities[:1000]
    return np.tensordot(probabilities, masks, 1) / (len(masks) * p)
