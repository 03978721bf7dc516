# log p instead of −log p.
def loss_gradient(scores_of, image, label):
    x = tf.constant(image[None], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.nn.log_softmax(scores_of(x))[0, label]
    return tape.gradient(loss, x)[0].numpy()
