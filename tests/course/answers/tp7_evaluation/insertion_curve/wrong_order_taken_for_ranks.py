# Takes the order for the ranks of the pixels.
def insertion_curve(probability_of, x, order, step_size, start):
    ranks = np.asarray(order).reshape(*x.shape[:2], 1)
    shown = np.append(np.arange(0, len(order), step_size), len(order))
    return probability_of(np.stack([np.where(ranks < n, x, start) for n in shown]))
