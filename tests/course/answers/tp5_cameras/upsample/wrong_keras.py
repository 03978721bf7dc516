# keras.ops.image.resize does it
def upsample(grid, size):
    import keras

    grid = np.asarray(grid, np.float32)
    stretched = keras.ops.image.resize(grid.reshape(1, *grid.shape[:2], -1), size)
    return np.reshape(stretched, (*size, *grid.shape[2:]))
