# Each cell repeated
def upsample(grid, size):
    return (
        np.asarray(grid)
        .repeat(-(-size[0] // grid.shape[0]), 0)
        .repeat(-(-size[1] // grid.shape[1]), 1)[: size[0], : size[1]]
    )
