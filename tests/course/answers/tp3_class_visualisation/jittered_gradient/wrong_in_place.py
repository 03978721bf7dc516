# moves the input given
def jittered_gradient(gradient_of, x, shift):
    x[:] = np.roll(x, tuple(shift), axis=(0, 1))
    return np.roll(gradient_of(x), (-shift[0], -shift[1]), axis=(0, 1))
