# list.index finds the first of equal windows, again and again
def pre_filter(probabilities, ratio):
    p = probabilities.tolist()
    n_kept = int(np.ceil((1 - ratio) * len(p)))
    return sorted(p.index(value) for value in sorted(p, reverse=True)[:n_kept])
