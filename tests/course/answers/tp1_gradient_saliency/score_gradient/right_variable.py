# A variable is watched by itself.
def score_gradient(scores_of, image, target):
    x = tf.Variable(image[None], dtype=tf.float32)
    with tf.GradientTape() as tape:
        score = tf.gather(scores_of(x), target, axis=1)
    return tape.gradient(score, x)[0]
