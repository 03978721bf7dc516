# Rounded to six decimals.
def score_gradient(scores_of, image, target):
    x = tf.constant(image[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = scores_of(x)[0, target]
    return tape.gradient(score, x)[0].numpy().round(6)
