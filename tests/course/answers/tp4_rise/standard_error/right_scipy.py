# SciPy's standard error of the mean
from scipy.stats import sem


def standard_error(masks, probabilities, p):
    return sem(masks * np.asarray(probabilities)[:, np.newaxis, np.newaxis] / p, axis=0)
