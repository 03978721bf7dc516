# The cross-entropy, which is what one differentiates in training.
def score_gradient(scores_of, image, target):
    x = tf.constant(image[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = keras.losses.sparse_categorical_crossentropy([target], scores_of(x), from_logits=True)
    return tape.gradient(score, x)[0].numpy()
