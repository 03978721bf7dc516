# Not below 0
def insertion_curve(probability_of, x, order, step_size, start):
    current, inputs = start.copy(), [start]
    for k in range(0, len(order), step_size):
        rows, columns = np.unravel_index(order[k : k + step_size], x.shape[:2])
        current[rows, columns] = x[rows, columns]
        inputs.append(current.copy())
    return np.maximum(np.asarray(probability_of(np.stack(inputs))), 0)
