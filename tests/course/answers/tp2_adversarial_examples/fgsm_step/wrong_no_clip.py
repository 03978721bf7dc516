# Leaves [0, 255].
def fgsm_step(image, gradient, epsilon):
    return image + epsilon * np.sign(gradient)
