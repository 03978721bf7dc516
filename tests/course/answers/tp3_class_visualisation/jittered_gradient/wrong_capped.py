# a shift of 16 at most
def jittered_gradient(gradient_of, x, shift):
    dy, dx = np.clip(shift, -16, 16)
    g = gradient_of(np.roll(x, (dy, dx), (0, 1)))
    return np.roll(g, (-dy, -dx), (0, 1))
