# Changes the image that it is given.
def fgsm_step(image, gradient, epsilon):
    image += epsilon * np.sign(gradient)
    np.clip(image, 0, 255, out=image)
    return image
