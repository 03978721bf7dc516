# Compiled by tf.function.
def score_gradient(scores_of, image, target):
    @tf.function
    def gradient(x):
        return tf.gradients(scores_of(x)[0, target], x)[0]

    return gradient(tf.constant(image[None]))[0].numpy()
