# The sign step of FGSM.
def ascent_step(image, gradient, step_size):
    return image + step_size * np.sign(gradient)
