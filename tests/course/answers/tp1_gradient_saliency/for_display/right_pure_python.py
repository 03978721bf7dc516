# Pure Python after the percentile.
def for_display(saliency_map, percentile=99):
    q = float(np.percentile(saliency_map, percentile))
    return [[min(float(value) / q, 1.0) if q else 0.0 for value in row] for row in saliency_map]
