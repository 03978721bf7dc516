# Only the first three channels come in
def insertion_curve(probability_of, x, order, step_size, start):
    current, inputs = start.copy(), [start]
    for k in range(0, len(order), step_size):
        rows, columns = np.unravel_index(order[k : k + step_size], x.shape[:2])
        current[rows, columns, :3] = x[rows, columns, :3]
        inputs.append(current.copy())
    return np.asarray(probability_of(np.stack(inputs)))
