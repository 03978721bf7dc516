# The loss of the class predicted, not of the label.
def loss_gradient(scores_of, image, label):
    x = tf.constant(image[None], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        scores = scores_of(x)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.argmax(scores, axis=1), scores)
    return tape.gradient(loss, x)[0].numpy()
