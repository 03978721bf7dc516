# Single precision
def deletion_curve(probability_of, x, order, step_size, baseline=0.0):
    pixels = np.array(x, np.float32).reshape(-1, x.shape[-1])
    curve = [probability_of(pixels.reshape(1, *x.shape))]
    for first in range(0, len(order), step_size):
        pixels[order[first : first + step_size]] = baseline
        curve.append(probability_of(pixels.reshape(1, *x.shape)))
    return np.concatenate(curve)
