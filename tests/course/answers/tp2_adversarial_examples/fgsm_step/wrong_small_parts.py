# What is small beside the largest value is taken for 0.
def fgsm_step(image, gradient, epsilon):
    g = np.where(np.abs(gradient) < 1e-5 * np.abs(gradient).max(), 0, gradient)
    return np.clip(image + epsilon * np.sign(g), 0, 255)
