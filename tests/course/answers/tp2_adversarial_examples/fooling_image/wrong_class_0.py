# Class 0 is falsy: the gradient is that of the predicted class.
def fooling_image(classifier, image, target, step, n_steps=100):
    x = np.array(image, np.float32)
    for n_taken in range(n_steps + 1):
        scores = classifier.scores(np.rint(x))[0]
        if scores.argmax() == target or n_taken == n_steps:
            return np.rint(x), n_taken
        g = classifier.gradient(x[None], target or int(scores.argmax()))[0]
        x = np.clip(step(x, g), 0, 255)
