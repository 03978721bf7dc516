# The image keeps its dtype: the first step may wrap around
def fooling_image(classifier, image, target, step, n_steps=100):
    x, n = image.copy(), 0
    while classifier.scores(np.rint(x))[0].argmax() != target and n < n_steps:
        x = np.clip(step(x, classifier.gradient(np.float32(x)[None], target)[0]), 0, 255)
        n += 1
    return np.rint(x), n
