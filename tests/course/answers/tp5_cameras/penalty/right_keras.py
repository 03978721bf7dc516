# keras.ops
def penalty(perturbation, saliency_map):
    import keras

    p, m = keras.ops.cast(perturbation, "float64") / 255, keras.ops.cast(saliency_map, "float64")
    low, high = keras.ops.min(m), keras.ops.max(m)
    psi = (m - low) / (high - low) if high > low else m * 0
    return keras.ops.sqrt(keras.ops.mean(keras.ops.square(p * (1 - psi)[..., None])))
