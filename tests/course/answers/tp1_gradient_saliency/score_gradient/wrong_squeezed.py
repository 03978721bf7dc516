# Squeezes every axis of length one.
def score_gradient(scores_of, image, target):
    x = tf.constant(image[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = scores_of(x)[0, target]
    return np.squeeze(tape.gradient(score, x).numpy())
