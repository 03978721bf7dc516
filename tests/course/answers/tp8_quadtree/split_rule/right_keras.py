# keras.ops, a tensor returned
def split_rule(values, threshold):
    import keras

    return keras.ops.mean(keras.ops.var(keras.ops.cast(values, "float64"), axis=(0, 1))) > threshold
