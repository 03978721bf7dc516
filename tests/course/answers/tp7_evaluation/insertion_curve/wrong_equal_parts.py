# Steps of equal size instead of step_size
def insertion_curve(probability_of, x, order, step_size, start):
    h, w, C = x.shape
    n = int(np.ceil(h * w / step_size))
    current, pixels = start.copy().reshape(-1, C), x.reshape(-1, C)
    answers = [np.asarray(probability_of(start[None]))[0]]
    for part in np.array_split(order, n):
        current[part] = pixels[part]
        answers.append(np.asarray(probability_of(current.reshape(1, h, w, C)))[0])
    return np.array(answers)
