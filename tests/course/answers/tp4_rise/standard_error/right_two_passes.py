# mean first, then squares, mask by mask
def standard_error(masks, probabilities, p):
    n = len(masks)
    mean = sum(s * m for s, m in zip(probabilities, masks)) / (n * p)
    squares = sum((s * m / p - mean) ** 2 for s, m in zip(probabilities, masks))
    return np.sqrt(squares / (n * (n - 1)))
