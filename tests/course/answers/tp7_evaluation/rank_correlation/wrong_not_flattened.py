# Gives SciPy two axes, and gets a matrix.
def rank_correlation(first, other):
    return scipy.stats.spearmanr(first, other).statistic
