# Pure Python
def rank_correlation(first, other):
    def ranks(values):
        ordered = sorted(values)
        places = {}
        for place, value in enumerate(ordered):
            places.setdefault(value, []).append(place)
        return [sum(places[v]) / len(places[v]) for v in values]

    r, s = ranks(first.ravel().tolist()), ranks(other.ravel().tolist())
    n = len(r)
    r, s = [v - sum(r) / n for v in r], [v - sum(s) / n for v in s]
    norm = (sum(v * v for v in r) * sum(v * v for v in s)) ** 0.5
    return sum(a * b for a, b in zip(r, s)) / norm if norm else 0.0
