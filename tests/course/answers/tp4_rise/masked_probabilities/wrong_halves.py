# Halves until they fit: more calls than needed
def masked_probabilities(probability_of, x, masks, batch_size=32):
    if len(masks) <= batch_size:
        return np.asarray(probability_of(x * masks[..., None]))
    half = len(masks) // 2
    return np.concatenate(
        [masked_probabilities(probability_of, x, m, batch_size) for m in (masks[:half], masks[half:])]
    )
