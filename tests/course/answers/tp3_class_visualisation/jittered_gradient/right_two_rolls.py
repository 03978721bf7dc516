# one axis after the other
def jittered_gradient(gradient_of, x, shift):
    moved = np.roll(np.roll(x, shift[0], axis=0), shift[1], axis=1)
    g = np.asarray(gradient_of(moved))
    return np.roll(np.roll(g, -shift[1], axis=1), -shift[0], axis=0)
