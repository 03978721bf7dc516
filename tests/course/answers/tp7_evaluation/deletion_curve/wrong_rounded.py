# Rounded to three decimals
def deletion_curve(probability_of, x, order, step_size, baseline=0.0):
    pixels, inputs = x.reshape(-1, x.shape[-1]).copy(), [x.copy()]
    for start in range(0, len(order), step_size):
        pixels[order[start : start + step_size]] = baseline
        inputs.append(pixels.copy().reshape(x.shape))
    return np.asarray(probability_of(np.stack(inputs))).round(3)
