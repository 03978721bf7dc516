# Scores one picture after the other, with rows and columns.
def deletion_curve(probability_of, x, order, step, baseline=0.0):
    height, width, _ = x.shape
    rows, columns = np.unravel_index(order, (height, width))
    current, curve = np.array(x), []
    curve.append(probability_of(current[None])[0])
    for start in range(0, height * width, step):
        current[rows[start : start + step], columns[start : start + step]] = baseline
        curve.append(probability_of(current[None])[0])
    return np.array(curve)
