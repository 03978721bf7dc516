# The log-probability instead of the score.
def score_gradient(scores_of, image, target):
    x = tf.constant(image[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = tf.nn.log_softmax(scores_of(x))[0, target]
    return tape.gradient(score, x)[0].numpy()
