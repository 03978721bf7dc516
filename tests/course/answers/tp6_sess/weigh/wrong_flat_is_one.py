# A flat map becomes ones where it is positive
def weigh(maps, probabilities):
    weighed = []
    for m, p in zip(maps, probabilities / probabilities.max()):
        span = m.max() - m.min()
        weighed.append(p * ((m - m.min()) / span if span > 0 else np.full(m.shape, float(m.max() < 0))))
    return weighed
