# The image cut to [0, 255] first
def score_gradient(scores_of, image, target):
    x = tf.constant(np.clip(image, 0, 255)[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = scores_of(x)[0, target]
    return tape.gradient(score, x)[0].numpy()
