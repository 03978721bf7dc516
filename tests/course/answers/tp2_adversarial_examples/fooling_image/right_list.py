# A list of two.
def fooling_image(classifier, image, target, step, n_steps=100):
    x, done = image + 0.0, 0
    while True:
        rounded = np.around(x)
        scores = list(classifier.scores(rounded)[0])
        if scores.index(max(scores)) == target or done >= n_steps:
            return [rounded.astype(int), done]
        x = np.asarray(step(x, classifier.gradient(x[None], target)[0]))
        x = np.where(x < 0, 0, np.where(x > 255, 255, x))
        done += 1
