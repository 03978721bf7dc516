# Breaks, and returns nothing.
def fooling_image(classifier, image, target, step, max_iterations=100):
    x = np.array(image, np.float32)
    for n_steps in range(max_iterations + 1):
        if classifier.logits(np.rint(x))[0].argmax() == target:
            break
        x = np.clip(step(x, classifier.gradient(x[None], target)[0]), 0, 255)
