# k + 1 classes
def top_k_only(probabilities, target, k):
    kept = np.argsort(-probabilities, axis=1)[:, : k + 1]
    return np.where((kept == target).any(axis=1), probabilities[:, target], 0)
