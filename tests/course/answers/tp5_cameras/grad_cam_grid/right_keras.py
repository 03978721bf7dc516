# keras.ops
def grad_cam_grid(activations, gradients):
    import keras

    a, g = keras.ops.convert_to_tensor(activations), keras.ops.convert_to_tensor(gradients)
    return keras.ops.relu(keras.ops.sum(a * keras.ops.mean(g, axis=(0, 1)), axis=-1))
