# A list of floats, one pass each
def deletion_curve(probability_of, x, order, step_size, baseline=0.0):
    current = x.copy()
    curve = [float(probability_of(current[None])[0])]
    for i, place in enumerate(order):
        current[place // x.shape[1], place % x.shape[1]] = baseline
        if (i + 1) % step_size == 0 or i + 1 == len(order):
            curve.append(float(probability_of(current[None])[0]))
    return curve
