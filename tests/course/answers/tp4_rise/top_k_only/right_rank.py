# counts the classes that are more probable
def top_k_only(probabilities, target, k):
    rank = (probabilities > probabilities[:, [target]]).sum(axis=1)
    return probabilities[:, target] * (rank < k)
