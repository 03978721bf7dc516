# Takes pixels away from x in the opposite order, and turns the curve round.
def insertion_curve(probability_of, x, order, step_size, start):
    n_pixels = len(order)
    shown = np.append(np.arange(0, n_pixels, step_size), n_pixels)[::-1]
    current, inputs = x.copy(), []
    rows, columns = np.unravel_index(order, x.shape[:2])
    for n in shown:
        current[rows[n:], columns[n:]] = start[rows[n:], columns[n:]]
        inputs.append(current.copy())
    return probability_of(np.stack(inputs))[::-1]
