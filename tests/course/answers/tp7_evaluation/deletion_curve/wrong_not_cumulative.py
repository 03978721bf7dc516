# Deletes each step's pixels from the whole picture, not from what is left.
def deletion_curve(probability_of, x, order, step_size, baseline=0.0):
    inputs = [x.copy()]
    for start in range(0, len(order), step_size):
        pixels = x.reshape(-1, x.shape[-1]).copy()
        pixels[order[start : start + step_size]] = baseline
        inputs.append(pixels.reshape(x.shape))
    return probability_of(np.stack(inputs))
