# The step of part 1.
def confined_step(image, gradient, saliency_map, learning_rate):
    return image + learning_rate * gradient / np.linalg.norm(gradient)
