# Pairs sorted, a list returned
def pixel_order(saliency_map):
    pairs = sorted((-value, place) for place, value in enumerate(np.ravel(saliency_map).tolist()))
    return [place for _, place in pairs]
