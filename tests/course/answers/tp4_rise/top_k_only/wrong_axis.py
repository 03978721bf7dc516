# sorts over the masks
def top_k_only(probabilities, target, k):
    kept = np.argsort(-probabilities, axis=0)[:k]
    return np.where((kept == target).any(axis=0)[target], probabilities[:, target], 0)
