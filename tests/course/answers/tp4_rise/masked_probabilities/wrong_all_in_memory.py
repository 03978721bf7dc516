# all the masked inputs at once, sent in batches
def masked_probabilities(probability_of, x, masks, batch_size=32):
    masked = x * masks[..., None]
    starts = range(0, len(masks), batch_size)
    return np.concatenate([probability_of(masked[s : s + batch_size]) for s in starts])
