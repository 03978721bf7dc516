# the sum instead of the mean
def weighted_sum(masks, probabilities, p):
    return (masks * np.asarray(probabilities)[:, None, None]).sum(axis=0) / p
