# Stops before the last, shorter step.
def deletion_curve(probability_of, x, order, step_size, baseline=0.0):
    pixels = x.reshape(-1, x.shape[-1]).copy()
    inputs = [pixels.copy()]
    for k in range(len(order) // step_size):
        pixels[order[k * step_size : (k + 1) * step_size]] = baseline
        inputs.append(pixels.copy())
    return probability_of(np.stack(inputs).reshape(-1, *x.shape))
