# multiplied by p
def weighted_sum(masks, probabilities, p):
    return (masks * np.asarray(probabilities)[:, None, None]).mean(axis=0) * p
