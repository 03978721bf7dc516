# Cuts only what it returns.
def fooling_image(classifier, image, target, step, max_iterations=100):
    x = np.array(image, np.float32)
    for n_steps in range(max_iterations + 1):
        shown = np.rint(x).clip(0, 255)
        if classifier.logits(shown)[0].argmax() == target or n_steps == max_iterations:
            return shown, n_steps
        x = step(x, classifier.gradient(x[None], target)[0])
