# keras.ops
import keras


def weighted_sum(masks, probabilities, p):
    weights = keras.ops.reshape(keras.ops.convert_to_tensor(probabilities), (-1, 1, 1))
    return keras.ops.mean(weights * masks, axis=0) / p
