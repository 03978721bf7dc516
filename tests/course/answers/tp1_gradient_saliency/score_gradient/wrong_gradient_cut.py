# Large gradients cut
def score_gradient(scores_of, image, target):
    x = tf.Variable(image[None])
    with tf.GradientTape() as tape:
        score = scores_of(x)[0, target]
    return np.clip(tape.gradient(score, x)[0].numpy(), -100, 100)
