# batches of nearly equal size
def masked_probabilities(probability_of, x, masks, batch_size=32):
    n = int(np.ceil(len(masks) / batch_size))
    return np.concatenate([probability_of(x * part[..., None]) for part in np.array_split(masks, n)])
