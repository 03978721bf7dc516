# a loop, float64
def weighted_sum(masks, probabilities, p):
    total = np.zeros(np.shape(masks)[1:])
    for mask, s in zip(masks, probabilities):
        total += float(s) * mask
    return total / p / len(masks)
