# sorted, a list returned
def pre_filter(probabilities, ratio):
    n_kept = int(np.ceil((1 - ratio) * len(probabilities)))
    best = sorted(range(len(probabilities)), key=lambda i: -probabilities[i])[:n_kept]
    return sorted(best)
