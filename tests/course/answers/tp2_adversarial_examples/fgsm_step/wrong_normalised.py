# A step of norm ε.
def fgsm_step(image, gradient, epsilon):
    return np.clip(image + epsilon * gradient / np.linalg.norm(gradient), 0, 255)
