# sorted, a list returned
def pre_filter(scores, ratio):
    n_kept = int(np.ceil((1 - ratio) * len(scores)))
    best = sorted(range(len(scores)), key=lambda i: -scores[i])[:n_kept]
    return sorted(best)
