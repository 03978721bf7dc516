# One step less than allowed.
def fooling_image(classifier, image, target, step, n_steps=100):
    x = np.array(image, np.float32)
    for n_taken in range(n_steps):
        if classifier.scores(np.rint(x))[0].argmax() == target:
            break
        if n_taken < n_steps - 1:
            x = np.clip(step(x, classifier.gradient(x[None], target)[0]), 0, 255)
    return np.rint(x), n_taken
