# cut and put together: only shifts within the image
def jittered_gradient(gradient_of, x, shift):
    def moved(array, dy, dx):
        array = np.concatenate([array[-dy:], array[:-dy]], axis=0) if dy else array
        return np.concatenate([array[:, -dx:], array[:, :-dx]], axis=1) if dx else array

    dy, dx = (int(s) for s in shift)
    return moved(gradient_of(moved(x, dy, dx)), -dy, -dx)
