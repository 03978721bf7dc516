# Takes the width for the height when places become rows and columns.
def deletion_curve(probability_of, x, order, step_size, baseline=0.0):
    height, width, _ = x.shape
    current = x.copy()
    inputs = [current.copy()]
    for start in range(0, height * width, step_size):
        for place in order[start : start + step_size]:
            current[place % height, place // height] = baseline
        inputs.append(current.copy())
    return probability_of(np.stack(inputs))
