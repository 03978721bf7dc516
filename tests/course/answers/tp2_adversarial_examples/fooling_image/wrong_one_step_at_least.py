# n_steps=0 takes a step.
def fooling_image(classifier, image, target, step, n_steps=100):
    x, n_taken = np.array(image, np.float32), 0
    while classifier.scores(np.rint(x))[0].argmax() != target:
        x = np.clip(step(x, classifier.gradient(x[None], target)[0]), 0, 255)
        n_taken += 1
        if n_taken >= n_steps:
            break
    return np.rint(x), n_taken
