# returns the moved image moved back
def jittered_gradient(gradient_of, x, shift):
    moved = np.roll(x, tuple(shift), axis=(0, 1))
    gradient_of(moved)
    return np.roll(moved, (-shift[0], -shift[1]), axis=(0, 1))
