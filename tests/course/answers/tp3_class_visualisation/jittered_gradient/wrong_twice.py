# takes the gradient twice
def jittered_gradient(gradient_of, x, shift):
    back = (-shift[0], -shift[1])
    gradient_of(x)
    return np.roll(gradient_of(np.roll(x, tuple(shift), axis=(0, 1))), back, axis=(0, 1))
