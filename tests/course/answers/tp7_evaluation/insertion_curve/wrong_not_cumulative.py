# Each picture shows only the pixels of its own step.
def insertion_curve(probability_of, x, order, step_size, start):
    pixels = x.reshape(-1, x.shape[-1])
    inputs = [start.copy()]
    for k in range(0, len(order), step_size):
        current = start.copy().reshape(-1, x.shape[-1])
        current[order[k : k + step_size]] = pixels[order[k : k + step_size]]
        inputs.append(current.reshape(x.shape))
    return probability_of(np.stack(inputs))
