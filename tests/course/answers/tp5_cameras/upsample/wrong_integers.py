# The result has the grid's type: integers are cut
def upsample(grid, size):
    stretched = grid
    for axis, length in enumerate(size):
        n = grid.shape[axis]
        u = np.clip((np.arange(length) + 0.5) * n / length - 0.5, 0, n - 1)
        a = np.floor(u).astype(int)
        t = (u - a).reshape([-1 if i == axis else 1 for i in range(grid.ndim)])
        stretched = (1 - t) * stretched.take(a, axis) + t * stretched.take(np.minimum(a + 1, n - 1), axis)
    return stretched.astype(grid.dtype)
