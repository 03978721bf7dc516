# log Σ exp − score.
def loss_gradient(scores_of, image, label):
    x = tf.constant(image[None], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        scores = scores_of(x)[0]
        loss = tf.reduce_logsumexp(scores) - scores[label]
    return np.array(tape.gradient(loss, x))[0]
