# The printed examples.
def for_display(saliency_map, percentile=99):
    return np.minimum(saliency_map / 50, 1)
