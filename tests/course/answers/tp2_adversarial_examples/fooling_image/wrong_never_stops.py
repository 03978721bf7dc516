# Takes all steps, whatever the network sees.
def fooling_image(classifier, image, target, step, n_steps=100):
    x = np.array(image, np.float32)
    for _ in range(n_steps):
        x = np.clip(step(x, classifier.gradient(x[None], target)[0]), 0, 255)
    return np.rint(x), n_steps
