# matrix
def weighted_sum(masks, probabilities, p):
    n, h, w = masks.shape
    return (probabilities.astype(float) @ masks.reshape(n, -1)).reshape(h, w) / (n * p)
