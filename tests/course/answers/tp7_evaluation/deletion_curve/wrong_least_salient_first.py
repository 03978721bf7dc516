# Walks through the order backwards.
def deletion_curve(probability_of, x, order, step_size, baseline=0.0):
    order = np.asarray(order)[::-1]
    pixels = x.reshape(-1, x.shape[-1]).copy()
    inputs = [pixels.copy()]
    for start in range(0, len(order), step_size):
        pixels[order[start : start + step_size]] = baseline
        inputs.append(pixels.copy())
    return probability_of(np.stack(inputs).reshape(-1, *x.shape))
