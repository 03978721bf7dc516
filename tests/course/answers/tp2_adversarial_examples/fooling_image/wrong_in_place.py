# Works in the array that it is given.
def fooling_image(classifier, image, target, step, max_iterations=100):
    for n_steps in range(max_iterations + 1):
        if classifier.logits(np.rint(image))[0].argmax() == target or n_steps == max_iterations:
            return np.rint(image), n_steps
        image[:] = np.clip(step(image, classifier.gradient(image[None], target)[0]), 0, 255)
