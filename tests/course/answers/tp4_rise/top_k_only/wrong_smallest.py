# the k least probable
def top_k_only(probabilities, target, k):
    kept = np.argsort(probabilities, axis=1)[:, :k]
    return np.where((kept == target).any(axis=1), probabilities[:, target], 0)
