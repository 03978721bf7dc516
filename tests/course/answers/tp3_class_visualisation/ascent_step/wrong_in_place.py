# changes x in place
def ascent_step(x, g, step_size):
    norm = np.linalg.norm(g)
    if norm:
        x += step_size * g / norm
    np.clip(x, -1, 1, out=x)
    return x
