# keras.ops, a one-hot label.
def loss_gradient(scores_of, image, label):
    x = tf.Variable(tf.cast(image, tf.float32)[None])
    with tf.GradientTape() as tape:
        scores = scores_of(tf.identity(x))
        wanted = keras.ops.one_hot([label], scores.shape[-1])
        loss = keras.ops.sum(keras.ops.categorical_crossentropy(wanted, scores, from_logits=True))
    return tape.gradient(loss, x).numpy()[0]
