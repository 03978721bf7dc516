# Pure Python
def fuse(activations, gradients):
    n_sizes, h, w, n_maps = activations.shape
    m = [[0.0] * w for _ in range(h)]
    for i in range(h):
        for j in range(w):
            for k in range(n_maps):
                a = sum(float(activations[t, i, j, k]) for t in range(n_sizes)) / n_sizes
                g = sum(float(gradients[t, i, j, k]) for t in range(n_sizes)) / n_sizes
                m[i][j] += a * g
            m[i][j] = max(m[i][j], 0.0)
    low, high = min(map(min, m)), max(map(max, m))
    if low == high:
        return [[0.0] * w for _ in range(h)]
    return [[(value - low) / (high - low) for value in row] for row in m]
