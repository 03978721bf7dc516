# dx for the rows, dy for the columns
def jittered_gradient(gradient_of, x, shift):
    dy, dx = shift
    g = gradient_of(np.roll(x, (dx, dy), axis=(0, 1)))
    return np.roll(g, (-dx, -dy), axis=(0, 1))
