# Down the loss: the network is helped.
def fgsm_step(image, gradient, epsilon):
    return np.clip(image - epsilon * np.sign(gradient), 0, 255)
