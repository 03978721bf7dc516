# Changes the input that it was given.
def deletion_curve(probability_of, x, order, step_size, baseline=0.0):
    pixels = x.reshape(-1, x.shape[-1])
    curve = [probability_of(x[None])[0]]
    for start in range(0, len(order), step_size):
        pixels[order[start : start + step_size]] = baseline
        curve.append(probability_of(x[None])[0])
    return np.array(curve)
