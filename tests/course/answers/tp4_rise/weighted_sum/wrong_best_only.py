# the mask with the highest probability
def weighted_sum(masks, probabilities, p):
    return masks[np.argmax(probabilities)] * np.max(probabilities) / p
