# p - one hot, sent back through the scores
def loss_gradient(scores_of, image, label):
    x = tf.Variable(np.array([image]))
    with tf.GradientTape() as tape:
        scores = scores_of(x)
    p = tf.nn.softmax(scores).numpy()
    p[0, label] = -(np.delete(p[0], label).sum())
    return tape.gradient(scores, x, output_gradients=tf.constant(p)).numpy()[0]
