# Loops over the pixels
def upsample(grid, size):
    grid = np.asarray(grid, float)
    n, m = grid.shape[:2]
    stretched = np.zeros((size[0], size[1]) + grid.shape[2:])
    for i in range(size[0]):
        y = min(max((i + 0.5) * n / size[0] - 0.5, 0), n - 1)
        a = int(y)
        b = min(a + 1, n - 1)
        for j in range(size[1]):
            x = min(max((j + 0.5) * m / size[1] - 0.5, 0), m - 1)
            c = int(x)
            d = min(c + 1, m - 1)
            above = (1 - (x - c)) * grid[a, c] + (x - c) * grid[a, d]
            below = (1 - (x - c)) * grid[b, c] + (x - c) * grid[b, d]
            stretched[i, j] = (1 - (y - a)) * above + (y - a) * below
    return stretched
