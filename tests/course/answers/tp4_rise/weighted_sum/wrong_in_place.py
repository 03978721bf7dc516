# multiplies the masks given
def weighted_sum(masks, probabilities, p):
    for mask, s in zip(masks, probabilities):
        mask *= s
    return masks.sum(axis=0) / (len(masks) * p)
