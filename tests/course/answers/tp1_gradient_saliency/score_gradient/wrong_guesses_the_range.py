# Takes an image of small values for one in [0, 1]
def score_gradient(scores_of, image, target):
    x = image * 255 if image.max() <= 1 else image
    x = tf.Variable(x[None])
    with tf.GradientTape() as tape:
        score = scores_of(x)[0, target]
    return tape.gradient(score, x)[0].numpy()
