# one masked input per call: a batch of one each time
def masked_probabilities(probability_of, x, masks, batch_size=32):
    return np.concatenate([probability_of((x * mask[..., None])[None]) for mask in masks])
