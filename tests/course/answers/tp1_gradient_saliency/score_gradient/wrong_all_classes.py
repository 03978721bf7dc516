# The target forgotten: the sum of all the scores.
def score_gradient(scores_of, image, target):
    x = tf.constant(image[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = scores_of(x)
    return tape.gradient(score, x)[0].numpy()
