def fgsm_step(image, gradient, epsilon):
    return np.round(np.clip(image + epsilon * np.sign(gradient), 0, 255), 3)
