# The gradient cut to [-1, 1]
def loss_gradient(scores_of, image, label):
    x = tf.Variable(image[None])
    with tf.GradientTape() as tape:
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits([label], scores_of(x))
    g = tape.gradient(loss, x)[0].numpy()
    return np.clip(g, -1, 1)
