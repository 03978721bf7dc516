# keras.ops, a tensor returned
def upsample(grid, size):
    import keras

    stretched = keras.ops.cast(np.asarray(grid), "float32")
    for axis, length in enumerate(size):
        n = stretched.shape[axis]
        u = np.clip((np.arange(length) + 0.5) * n / length - 0.5, 0, n - 1)
        a = u.astype("int32")
        t = (u - a).astype("float32").reshape([-1 if i == axis else 1 for i in range(len(stretched.shape))])
        before, after = keras.ops.take(stretched, a, axis), keras.ops.take(stretched, np.minimum(a + 1, n - 1), axis)
        stretched = (1 - t) * before + t * after
    return stretched
