# Appends the same array again and again: all the pictures are the last one.
def deletion_curve(probability_of, x, order, step_size, baseline=0.0):
    current = x.copy().reshape(-1, x.shape[-1])
    inputs = [current]
    for start in range(0, len(order), step_size):
        current[order[start : start + step_size]] = baseline
        inputs.append(current)
    return probability_of(np.stack(inputs).reshape(-1, *x.shape))
