# A small number inside the logarithm.
def loss_gradient(scores_of, image, label):
    x = tf.constant(image[None], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = -tf.math.log(tf.nn.softmax(scores_of(x))[0, label] + 1e-7)
    return tape.gradient(loss, x)[0].numpy()
