# keeps all
def top_k_only(probabilities, target, k):
    return probabilities[:, target]
