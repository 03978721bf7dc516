# Pure Python
def weigh(maps, probabilities):
    largest = max(float(p) for p in probabilities)
    weighed = []
    for m, p in zip(maps, probabilities):
        values = [[float(v) for v in row] for row in m]
        low, high = min(map(min, values)), max(map(max, values))
        share = float(p) / largest
        weighed.append([[(v - low) / (high - low) * share if high > low else 0.0 for v in row] for row in values])
    return weighed
