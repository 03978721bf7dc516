# The sign step of FGSM.
def ascent_step(image, gradient, learning_rate):
    return image + learning_rate * np.sign(gradient)
