# The largest score, whatever the target.
def score_gradient(scores_of, image, target):
    x = tf.constant(image[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = tf.reduce_max(scores_of(x))
    return tape.gradient(score, x)[0].numpy()
