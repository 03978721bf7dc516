# Pure Python
import math


def penalty(perturbation, saliency_map):
    m = [[float(v) for v in row] for row in saliency_map]
    low, high = min(map(min, m)), max(map(max, m))
    total, n = 0.0, 0
    for row, pixels in zip(m, perturbation):
        for v, pixel in zip(row, pixels):
            psi = (v - low) / (high - low) if high != low else 0.0
            for value in pixel:
                total, n = total + (float(value) / 255 * (1 - psi)) ** 2, n + 1
    return math.sqrt(total / n)
