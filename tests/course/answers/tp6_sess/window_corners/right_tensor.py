# A TensorFlow tensor returned
def window_corners(size, side=224, stride=224):
    import tensorflow as tf

    tops, lefts = ([*range(0, length - side, stride), length - side] for length in size)
    return tf.constant([(top, left) for top in tops for left in lefts])
