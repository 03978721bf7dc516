# Rounded to three decimals
def upsample(grid, size):
    def hat(length, n):
        u = np.clip((np.arange(length) + 0.5) * n / length - 0.5, 0, n - 1)
        return np.maximum(0, 1 - np.abs(u[:, None] - np.arange(n)))

    rows, columns = hat(size[0], grid.shape[0]), hat(size[1], grid.shape[1])
    return np.einsum("ia,ab...,jb->ij...", rows, grid, columns).round(3)
