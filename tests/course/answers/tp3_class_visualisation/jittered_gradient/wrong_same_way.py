# moves the gradient the same way again
def jittered_gradient(gradient_of, x, shift):
    g = gradient_of(np.roll(x, tuple(shift), axis=(0, 1)))
    return np.roll(g, tuple(shift), axis=(0, 1))
