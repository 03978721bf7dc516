# A variable and a log-softmax; a tensor is returned.
def loss_gradient(scores_of, image, label):
    x = tf.Variable(np.float32(image)[None])
    with tf.GradientTape() as tape:
        loss = -tf.nn.log_softmax(scores_of(tf.convert_to_tensor(x)))[0, label]
    return tape.gradient(loss, x)[0]
