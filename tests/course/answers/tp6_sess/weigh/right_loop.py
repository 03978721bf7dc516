# A loop over the maps, a list returned
def weigh(maps, probabilities):
    weighed = []
    for window_map, probability in zip(maps, probabilities):
        window_map = window_map.astype(float) - window_map.min()
        if window_map.max() > 0:
            window_map = window_map / window_map.max()
        weighed.append(window_map * probability / max(probabilities))
    return weighed
