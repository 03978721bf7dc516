# Scores one picture after the other, with rows and columns.
def deletion_curve(probability_of, x, order, step_size, baseline=0.0):
    height, width, _ = x.shape
    rows, columns = np.unravel_index(order, (height, width))
    current, curve = np.array(x), []
    curve.append(probability_of(current[None])[0])
    for start in range(0, height * width, step_size):
        current[rows[start : start + step_size], columns[start : start + step_size]] = baseline
        curve.append(probability_of(current[None])[0])
    return np.array(curve)
