# moves the rows back and not the columns
def jittered_gradient(gradient_of, x, shift):
    dy, dx = shift
    g = gradient_of(np.roll(x, (dy, dx), axis=(0, 1)))
    return np.roll(g, -dy, axis=0)
