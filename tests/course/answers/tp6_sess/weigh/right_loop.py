# A loop over the maps, a list returned
def weigh(maps, scores):
    weighed = []
    for window_map, score in zip(maps, scores):
        weighed.append(tpv.images.minmax(window_map) * score / max(scores))
    return weighed
