# Never more than a hundred at a time
def masked_probabilities(probability_of, x, masks, batch_size=32):
    size = min(batch_size, 100)
    starts = range(0, len(masks), size)
    return np.concatenate([np.asarray(probability_of(x * masks[k : k + size, ..., None])) for k in starts])
