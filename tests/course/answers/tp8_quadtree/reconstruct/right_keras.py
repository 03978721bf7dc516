# keras.ops means, a tensor returned
def reconstruct(image, leaves):
    import keras

    flat = np.zeros(image.shape)
    for t, l, h, w in leaves:
        cell = keras.ops.cast(image[t : t + h, l : l + w], "float64")
        flat[t : t + h, l : l + w] = keras.ops.convert_to_numpy(keras.ops.mean(cell, axis=(0, 1)))
    return keras.ops.convert_to_tensor(flat)
