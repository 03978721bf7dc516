# The step of part 1.
def confined_step(image, gradient, saliency_map, step_size):
    return image + step_size * gradient / np.linalg.norm(gradient)
