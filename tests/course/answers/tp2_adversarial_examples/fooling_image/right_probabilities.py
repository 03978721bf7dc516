# A break, and probabilities.
def fooling_image(classifier, image, target, step, n_steps=100):
    x = image.astype(np.float32).copy()
    steps = 0
    for _ in range(n_steps):
        if np.argmax(classifier.probabilities(np.rint(x))) == target:
            break
        g = classifier.gradient(np.stack([x]), target)
        x = np.clip(step(x, g[0]), 0.0, 255.0).astype(np.float32)
        steps += 1
    return np.rint(x).astype(np.uint8), steps
