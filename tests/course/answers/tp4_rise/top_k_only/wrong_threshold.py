# a threshold of 1 / k
def top_k_only(probabilities, target, k):
    wanted = probabilities[:, target]
    return np.where(wanted >= 1 / k, wanted, 0)
