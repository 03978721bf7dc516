# The mean over all classes.
def loss_gradient(scores_of, image, label):
    x = tf.constant(image[None], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = -tf.reduce_mean(tf.nn.log_softmax(scores_of(x)))
    return tape.gradient(loss, x)[0].numpy()
