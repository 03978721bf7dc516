# pure Python
def ascent_step(x, g, step_size):
    norm = sum(value * value for value in np.ravel(g).tolist()) ** 0.5
    if norm == 0:
        return x.tolist()
    moved = [a + step_size * b / norm for a, b in zip(np.ravel(x).tolist(), np.ravel(g).tolist())]
    return np.reshape([max(-1.0, min(1.0, value)) for value in moved], x.shape)
