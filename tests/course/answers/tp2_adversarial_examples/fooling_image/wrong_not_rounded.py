# Looks at the image that is not rounded, and returns that.
def fooling_image(classifier, image, target, step, max_iterations=100):
    x = np.array(image, np.float32)
    for n_steps in range(max_iterations + 1):
        if classifier.logits(x)[0].argmax() == target or n_steps == max_iterations:
            return x, n_steps
        x = np.clip(step(x, classifier.gradient(x[None], target)[0]), 0, 255)
