# Exact fractions and a heap
import heapq
from fractions import Fraction


def pre_filter(probabilities, ratio):
    n = -((Fraction(str(ratio)) - 1) * len(probabilities) // 1)
    pairs = [(float(p), -i) for i, p in enumerate(probabilities)]
    return np.array(sorted(-i for _, i in heapq.nlargest(int(n), pairs)))
