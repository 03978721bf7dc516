# sums over the wrong axis
def weighted_sum(masks, probabilities, p):
    return (masks * np.asarray(probabilities)[:, None, None]).sum(axis=-1) / (len(masks) * p)
