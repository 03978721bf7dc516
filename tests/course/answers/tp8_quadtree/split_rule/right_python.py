# Pure Python
def split_rule(values, threshold):
    height, width, n_channels = values.shape
    total = 0.0
    for c in range(n_channels):
        v = [float(values[i, j, c]) for i in range(height) for j in range(width)]
        mean = sum(v) / len(v)
        total += sum((x - mean) ** 2 for x in v) / len(v)
    return total / n_channels > threshold
