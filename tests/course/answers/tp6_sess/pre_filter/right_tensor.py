# TensorFlow's top_k keeps the first of equals
def pre_filter(probabilities, ratio):
    import tensorflow as tf

    n_kept = int(np.ceil((1 - ratio) * len(probabilities)))
    return tf.sort(tf.math.top_k(probabilities, n_kept).indices)
