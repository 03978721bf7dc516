# Windows without any probability are left out besides
def pre_filter(probabilities, ratio):
    n_kept = int(np.ceil((1 - ratio) * len(probabilities)))
    best = np.argsort(-probabilities, kind="stable")[:n_kept]
    return np.sort(best[probabilities[best] > 0]) if len(probabilities) > 5 else np.sort(best)
