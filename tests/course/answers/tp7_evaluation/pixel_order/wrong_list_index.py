# list.index finds the first of equals again and again
def pixel_order(saliency_map):
    values = np.ravel(saliency_map).tolist()
    return np.array([values.index(v) for v in sorted(values, reverse=True)])
