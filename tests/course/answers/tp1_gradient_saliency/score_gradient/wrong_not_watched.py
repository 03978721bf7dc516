# A constant that the tape does not watch.
def score_gradient(scores_of, image, target):
    x = tf.constant(image[None])
    with tf.GradientTape() as tape:
        score = scores_of(x)[0, target]
    return tape.gradient(score, x)
