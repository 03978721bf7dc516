# A constant in the denominator that is not small beside the gradient.
def ascent_step(image, gradient, learning_rate):
    return image + learning_rate * gradient / (np.linalg.norm(gradient) + 1e-2)
