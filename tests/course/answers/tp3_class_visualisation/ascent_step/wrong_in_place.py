# changes x in place
def ascent_step(x, g, learning_rate):
    norm = np.linalg.norm(g)
    if norm:
        x += learning_rate * g / norm
    np.clip(x, -1, 1, out=x)
    return x
