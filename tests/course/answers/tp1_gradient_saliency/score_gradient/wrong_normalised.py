# Divided by its norm, as in the attack of lab 2.
def score_gradient(scores_of, image, target):
    x = tf.constant(image[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = scores_of(x)[0, target]
    g = tape.gradient(score, x)[0].numpy()
    return g / np.linalg.norm(g)
