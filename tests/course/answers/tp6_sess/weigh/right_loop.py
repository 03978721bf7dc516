# A loop over the maps, a list returned
def weigh(maps, probabilities):
    weighed = []
    for window_map, probability in zip(maps, probabilities):
        weighed.append(tpv.maps.minmax(window_map) * probability / max(probabilities))
    return weighed
