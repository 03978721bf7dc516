# moves the other way round
def jittered_gradient(gradient_of, x, shift):
    dy, dx = shift
    g = gradient_of(np.roll(x, (-dy, -dx), axis=(0, 1)))
    return np.roll(g, (dy, dx), axis=(0, 1))
