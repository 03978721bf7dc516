# Takes the sign in place.
def fgsm_step(image, gradient, epsilon):
    np.sign(gradient, out=gradient)
    return np.clip(image + epsilon * gradient, 0, 255)
