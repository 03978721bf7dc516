# Cross-entropy with logits, of probabilities: two softmaxes.
def loss_gradient(scores_of, image, label):
    x = tf.constant(image[None], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        p = tf.nn.softmax(scores_of(x))
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits([label], p)
    return tape.gradient(loss, x)[0].numpy()
