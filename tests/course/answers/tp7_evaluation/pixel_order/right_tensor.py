# TensorFlow
def pixel_order(saliency_map):
    import tensorflow as tf

    return tf.argsort(tf.reshape(saliency_map, [-1]), direction="DESCENDING", stable=True)
