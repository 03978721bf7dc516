# keras.ops.
def gradient_map(gradient):
    return keras.ops.max(keras.ops.abs(keras.ops.convert_to_tensor(gradient)), axis=2)
