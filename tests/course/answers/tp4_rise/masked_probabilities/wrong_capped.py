# thirty-two at a time, whatever is asked for
def masked_probabilities(probability_of, x, masks, batch_size=32):
    batch_size = 32
    answers = []
    for start in range(0, len(masks), batch_size):
        answers.append(probability_of(x * masks[start : start + batch_size, ..., None]))
    return np.concatenate(answers)
