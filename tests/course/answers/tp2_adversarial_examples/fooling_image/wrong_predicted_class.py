# The gradient of the class that is seen, not of the target.
def fooling_image(classifier, image, target, step, max_iterations=100):
    x = np.array(image, np.float32)
    for n_steps in range(max_iterations + 1):
        seen = int(classifier.logits(np.rint(x))[0].argmax())
        if seen == target or n_steps == max_iterations:
            return np.rint(x), n_steps
        x = np.clip(step(x, classifier.gradient(x[None], seen)[0]), 0, 255)
