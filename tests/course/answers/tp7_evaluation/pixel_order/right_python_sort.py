# A plain Python sort, which is stable.
def pixel_order(saliency_map):
    values = [float(v) for row in np.asarray(saliency_map) for v in row]
    return np.array(sorted(range(len(values)), key=lambda i: -values[i]))
