# Pure Python
def rank_correlation(first, other):
    def centred_ranks(values):
        places = {}
        for place, value in enumerate(sorted(values)):
            places.setdefault(value, []).append(place)
        rank = {value: sum(equal) / len(equal) for value, equal in places.items()}
        return [rank[value] - (len(values) - 1) / 2 for value in values]

    r, s = centred_ranks(first.ravel().tolist()), centred_ranks(other.ravel().tolist())
    norm = (sum(v * v for v in r) * sum(v * v for v in s)) ** 0.5
    return sum(a * b for a, b in zip(r, s)) / norm if norm else 0.0
