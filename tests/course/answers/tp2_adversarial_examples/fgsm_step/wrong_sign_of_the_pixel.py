# One sign for the three channels.
def fgsm_step(image, gradient, epsilon):
    return np.clip(image + epsilon * np.sign(gradient.sum(axis=-1, keepdims=True)), 0, 255)
