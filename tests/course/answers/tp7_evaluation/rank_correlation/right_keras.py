# keras.ops for the correlation
def rank_correlation(first, other):
    import keras

    r, s = (keras.ops.cast(scipy.stats.rankdata(np.ravel(m)), "float64") for m in (first, other))
    r, s = r - keras.ops.mean(r), s - keras.ops.mean(s)
    norm = keras.ops.sqrt(keras.ops.sum(r * r) * keras.ops.sum(s * s))
    return keras.ops.sum(r * s) / norm if norm > 0 else 0.0
