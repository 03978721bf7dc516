# One row of the Jacobian.
def score_gradient(scores_of, image, target):
    x = tf.constant(image[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        scores = scores_of(x)
    return tape.jacobian(scores, x)[0, target, 0].numpy()
