# row by row
def top_k_only(probabilities, target, k):
    scores = []
    for row in probabilities:
        best = np.argsort(row)[::-1][:k]
        scores.append(row[target] if target in best else 0.0)
    return np.array(scores)
