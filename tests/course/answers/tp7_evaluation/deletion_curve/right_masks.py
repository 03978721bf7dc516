# Masks made from ranks, with TensorFlow.
def deletion_curve(probability_of, x, order, step_size, baseline=0.0):
    import tensorflow as tf

    ranks = np.argsort(order).reshape(*x.shape[:2], 1)
    n_deleted = list(range(0, len(order), step_size)) + [len(order)]
    x = tf.convert_to_tensor(x)
    inputs = tf.stack([tf.where(ranks < n, tf.cast(baseline, x.dtype), x) for n in n_deleted])
    return probability_of(inputs)
