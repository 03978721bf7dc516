# axes of a batch
def jittered_gradient(gradient_of, x, shift):
    dy, dx = shift
    g = gradient_of(np.roll(x, (dy, dx), axis=(1, 2)))
    return np.roll(g, (-dy, -dx), axis=(1, 2))
