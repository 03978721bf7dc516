# Pure Python
def fuse(layers):
    n, h, w = layers.shape
    mean = [[0.0] * w for _ in range(h)]
    for i in range(h):
        for j in range(w):
            values = [float(layers[t, i, j]) for t in range(n) if layers[t, i, j] > 0]
            mean[i][j] = sum(values) / len(values) if values else 0.0
    low, high = min(map(min, mean)), max(map(max, mean))
    return [[(v - low) / (high - low) if high > low else 0.0 for v in row] for row in mean]
