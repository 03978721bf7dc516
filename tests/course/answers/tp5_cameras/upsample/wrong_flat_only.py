# A channel axis is not taken into account
def upsample(grid, size):
    h, w = size
    rows, columns = grid.shape
    u = np.clip((np.arange(h) + 0.5) * rows / h - 0.5, 0, rows - 1)
    v = np.clip((np.arange(w) + 0.5) * columns / w - 0.5, 0, columns - 1)
    stretched = np.stack([np.interp(u, np.arange(rows), grid[:, j]) for j in range(columns)], axis=1)
    return np.stack([np.interp(v, np.arange(columns), stretched[i]) for i in range(h)])
