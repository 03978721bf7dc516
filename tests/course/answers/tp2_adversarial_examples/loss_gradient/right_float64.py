# float64
def loss_gradient(scores_of, image, label):
    x = tf.constant(image, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        s = tf.cast(scores_of(x[None]), tf.float64)[0]
        loss = tf.math.log(tf.reduce_sum(tf.exp(s - tf.reduce_max(s)))) + tf.reduce_max(s) - s[label]
    return tape.gradient(loss, x).numpy()
