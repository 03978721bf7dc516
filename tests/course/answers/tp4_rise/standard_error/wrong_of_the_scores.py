# the standard error of the probabilities alone
def standard_error(masks, probabilities, p):
    return np.std(probabilities, ddof=1) / np.sqrt(len(masks)) * np.ones(masks.shape[1:]) / p
