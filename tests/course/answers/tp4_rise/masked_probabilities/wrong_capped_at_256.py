def masked_probabilities(probability_of, x, masks, batch_size=32):
    size = min(batch_size, 256)
    answers = [np.asarray(probability_of(x * masks[i : i + size, ..., None])) for i in range(0, len(masks), size)]
    return np.concatenate(answers)
