# One pixel group after the other into a copy of start.
def insertion_curve(probability_of, x, order, step_size, start):
    current = np.array(start, dtype=float).reshape(-1, x.shape[-1])
    pixels = np.asarray(x).reshape(-1, x.shape[-1])
    inputs = [current.copy()]
    for k in range(0, len(order), step_size):
        some = order[k : k + step_size]
        current[some] = pixels[some]
        inputs.append(current.copy())
    return np.asarray(probability_of(np.array(inputs).reshape(-1, *x.shape)))
