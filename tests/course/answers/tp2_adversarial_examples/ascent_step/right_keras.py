# keras.ops.
def ascent_step(image, gradient, step_size):
    g = keras.ops.convert_to_tensor(gradient)
    norm = keras.ops.sqrt(keras.ops.sum(keras.ops.square(g)))
    return keras.ops.convert_to_tensor(image) + keras.ops.where(norm > 0, step_size * g / norm, 0)
