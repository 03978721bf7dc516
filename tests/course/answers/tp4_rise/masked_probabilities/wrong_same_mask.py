# the first mask of the batch for all of it
def masked_probabilities(probability_of, x, masks, batch_size=32):
    answers = []
    for start in range(0, len(masks), batch_size):
        batch = masks[start : start + batch_size]
        answers.append(probability_of(np.repeat(x[None] * batch[:1, ..., None], len(batch), axis=0)))
    return np.concatenate(answers)
