# Counts from one.
def fooling_image(classifier, image, target, step, max_iterations=100):
    x = np.array(image, np.float32)
    for n_steps in range(1, max_iterations + 2):
        if classifier.logits(np.rint(x))[0].argmax() == target or n_steps == max_iterations + 1:
            return np.rint(x), n_steps
        x = np.clip(step(x, classifier.gradient(x[None], target)[0]), 0, 255)
