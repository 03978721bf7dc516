# rounded to six decimals
def jittered_gradient(gradient_of, x, shift):
    g = gradient_of(np.roll(x, tuple(shift), axis=(0, 1)))
    return np.roll(g, (-shift[0], -shift[1]), axis=(0, 1)).round(6)
