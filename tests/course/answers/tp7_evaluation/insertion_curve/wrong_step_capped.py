# At least two steps
def insertion_curve(probability_of, x, order, step_size, start):
    step_size = min(step_size, max(1, len(order) - 1))
    current = start.reshape(-1, x.shape[-1]).copy()
    inputs = [start]
    for k in range(0, len(order), step_size):
        current[order[k : k + step_size]] = x.reshape(-1, x.shape[-1])[order[k : k + step_size]]
        inputs.append(current.copy().reshape(x.shape))
    return np.asarray(probability_of(np.stack(inputs)))
