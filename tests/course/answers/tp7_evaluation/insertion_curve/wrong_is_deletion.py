# Goes from x to start.
def insertion_curve(probability_of, x, order, step_size, start):
    current = x.copy().reshape(-1, x.shape[-1])
    other = start.reshape(-1, x.shape[-1])
    inputs = [current.copy()]
    for k in range(0, len(order), step_size):
        current[order[k : k + step_size]] = other[order[k : k + step_size]]
        inputs.append(current.copy())
    return probability_of(np.stack(inputs).reshape(-1, *x.shape))
