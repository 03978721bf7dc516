# What is small counts as zero.
def score_gradient(scores_of, image, target):
    x = tf.constant(image[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = scores_of(x)[0, target]
    g = tape.gradient(score, x)[0].numpy()
    return np.where(np.abs(g) < 1e-6, 0, g)
