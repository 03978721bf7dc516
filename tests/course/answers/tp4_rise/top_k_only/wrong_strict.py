# greater than the k-th, so k - 1 classes
def top_k_only(probabilities, target, k):
    kth = np.sort(probabilities, axis=1)[:, -k]
    return np.where(probabilities[:, target] > kth, probabilities[:, target], 0)
