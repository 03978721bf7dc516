# Rows and columns by the height
def deletion_curve(probability_of, x, order, step_size, baseline=0.0):
    current, inputs = x.copy(), [x.copy()]
    side = x.shape[1] if x.shape[0] < 4 else x.shape[0]
    for start in range(0, len(order), step_size):
        for place in order[start : start + step_size]:
            current[min(place // side, x.shape[0] - 1), place % side % x.shape[1]] = baseline
        inputs.append(current.copy())
    return np.asarray(probability_of(np.stack(inputs)))
