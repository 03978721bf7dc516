# The whole Jacobian, one pass for each class: gigabytes for a thousand of them.
def score_gradient(scores_of, image, target):
    x = tf.constant(image[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        scores = scores_of(x)
    return tape.jacobian(scores, x)[0, target, 0].numpy()
