# A gradient of norm 1.
def loss_gradient(scores_of, image, label):
    x = tf.constant(image[None], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits([label], scores_of(x))
    g = tape.gradient(loss, x)[0].numpy()
    return g / np.linalg.norm(g)
