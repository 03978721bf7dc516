# The median of the move and its two bounds.
def pgd_step(image, original, gradient, step_size, epsilon):
    moved = image + step_size * np.sign(gradient)
    bounds = np.maximum(original - epsilon, 0), np.minimum(original + epsilon, 255)
    return np.median([moved, *bounds], axis=0)
