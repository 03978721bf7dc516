# rounded to four decimals
def ascent_step(x, g, step_size):
    norm = np.linalg.norm(g)
    return np.round(np.clip(x + step_size * g / norm, -1, 1), 4) if norm else np.array(x)
