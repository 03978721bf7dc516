# Python's own statistics, pixel by pixel
import statistics


def standard_error(masks, probabilities, p):
    t = (masks * np.reshape(probabilities, (-1, 1, 1)) / p).astype(float)
    root = len(t) ** 0.5
    return [[statistics.stdev(t[:, i, j].tolist()) / root for j in range(t.shape[2])] for i in range(t.shape[1])]
