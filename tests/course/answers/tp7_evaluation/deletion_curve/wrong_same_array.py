# Appends the same array again and again: all the pictures are the last one.
def deletion_curve(probability_of, x, order, step, baseline=0.0):
    current = x.copy().reshape(-1, x.shape[-1])
    inputs = [current]
    for start in range(0, len(order), step):
        current[order[start : start + step]] = baseline
        inputs.append(current)
    return probability_of(np.stack(inputs).reshape(-1, *x.shape))
