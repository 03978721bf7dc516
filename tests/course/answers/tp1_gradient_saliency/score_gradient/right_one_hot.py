# The score picked by a one-hot vector.
def score_gradient(scores_of, image, target):
    x = tf.convert_to_tensor(np.expand_dims(image, 0), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        scores = scores_of(x)
        score = tf.reduce_sum(scores * tf.one_hot(target, scores.shape[-1]))
    return np.squeeze(tape.gradient(score, x).numpy(), 0)
