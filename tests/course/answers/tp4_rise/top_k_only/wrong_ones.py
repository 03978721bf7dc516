# 1 instead of the probability
def top_k_only(probabilities, target, k):
    kept = np.argsort(-probabilities, axis=1)[:, :k]
    return (kept == target).any(axis=1).astype(np.float32)
