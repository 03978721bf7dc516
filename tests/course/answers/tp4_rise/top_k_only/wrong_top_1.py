# only where it is the predicted class
def top_k_only(probabilities, target, k):
    return np.where(probabilities.argmax(axis=1) == target, probabilities[:, target], 0)
