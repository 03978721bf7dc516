# Stops before the last, shorter step.
def deletion_curve(probability_of, x, order, step, baseline=0.0):
    pixels = x.reshape(-1, x.shape[-1]).copy()
    inputs = [pixels.copy()]
    for k in range(len(order) // step):
        pixels[order[k * step : (k + 1) * step]] = baseline
        inputs.append(pixels.copy())
    return probability_of(np.stack(inputs).reshape(-1, *x.shape))
