# A gradient without positive values taken for 0
def ascent_step(image, gradient, step_size):
    if gradient.max() == 0:
        return image.copy()
    return image + step_size * gradient / np.linalg.norm(gradient)
