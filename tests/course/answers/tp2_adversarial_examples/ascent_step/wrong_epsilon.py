# A constant in the denominator that is not small beside the gradient.
def ascent_step(image, gradient, step_size):
    return image + step_size * gradient / (np.linalg.norm(gradient) + 1e-2)
