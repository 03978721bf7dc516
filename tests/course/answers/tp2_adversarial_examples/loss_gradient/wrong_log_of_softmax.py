# The logarithm of a softmax: no number where the probability is 0.
def loss_gradient(scores_of, image, label):
    x = tf.constant(image[None], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = -tf.math.log(tf.nn.softmax(scores_of(x))[0, label])
    return tape.gradient(loss, x)[0].numpy()
