# One pass each, a list returned
def insertion_curve(probability_of, x, order, step_size, start):
    current = start.copy()
    curve = [float(probability_of(current[None])[0])]
    for i, place in enumerate(order):
        current[place // x.shape[1], place % x.shape[1]] = x[place // x.shape[1], place % x.shape[1]]
        if (i + 1) % step_size == 0 or i + 1 == len(order):
            curve.append(float(probability_of(current[None])[0]))
    return curve
