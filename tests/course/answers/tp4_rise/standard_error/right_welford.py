# welford
def standard_error(masks, probabilities, p):
    n, mean, m2 = 0, 0.0, 0.0
    for mask, q in zip(masks, probabilities):
        t = np.float64(q) * mask / p
        n += 1
        delta = t - mean
        mean = mean + delta / n
        m2 = m2 + delta * (t - mean)
    return np.sqrt(m2 / (n - 1) / n)
