# writes zeros into the array given
def top_k_only(probabilities, target, k):
    kth = np.sort(probabilities, axis=1)[:, -k]
    probabilities[probabilities < kth[:, None]] = 0
    return probabilities[:, target]
