# Single precision: what differs by less is left open
def pre_filter(probabilities, ratio):
    import keras

    n_kept = int(np.ceil((1 - ratio) * len(probabilities)))
    p = keras.ops.convert_to_numpy(keras.ops.cast(probabilities, "float32"))
    return sorted(np.argsort(-p, kind="stable")[:n_kept].tolist())
