# Keras' loss without from_logits.
def loss_gradient(scores_of, image, label):
    x = tf.constant(image[None], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = keras.losses.sparse_categorical_crossentropy(tf.constant([label]), scores_of(x))
    return tape.gradient(loss, x)[0].numpy()
