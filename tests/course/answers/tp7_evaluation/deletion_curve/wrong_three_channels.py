# Three channels taken for granted
def deletion_curve(probability_of, x, order, step_size, baseline=0.0):
    current, inputs = x.copy(), [x.copy()]
    for start in range(0, len(order), step_size):
        rows, columns = np.unravel_index(order[start : start + step_size], x.shape[:2])
        for c in range(min(3, x.shape[2])):
            current[rows, columns, c] = baseline
        inputs.append(current.copy())
    return np.asarray(probability_of(np.stack(inputs)))
