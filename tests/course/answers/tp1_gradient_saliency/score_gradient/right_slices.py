# A slice keeps the axes; a list is returned.
def score_gradient(scores_of, image, target):
    x = tf.Variable(tf.expand_dims(tf.cast(image, tf.float32), 0))
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        score = tf.reduce_sum(scores_of(x)[:, target : target + 1])
    (gradient,) = tape.gradient(score, [x])
    return gradient[0].numpy().tolist()
