# Keras' loss.
def loss_gradient(scores_of, image, label):
    x = tf.convert_to_tensor(image[np.newaxis], dtype=tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(tf.constant([label]), scores_of(x))
    return tape.gradient(loss, x).numpy()[0]
