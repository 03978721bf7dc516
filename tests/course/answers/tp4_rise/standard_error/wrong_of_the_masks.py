# the standard error of the masks alone
def standard_error(masks, probabilities, p):
    return np.std(masks, axis=0, ddof=1) / np.sqrt(len(masks)) / p
