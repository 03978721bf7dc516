# one mask comes without its axis
def masked_probabilities(probability_of, x, masks, batch_size=32):
    answers = []
    for start in range(0, len(masks), batch_size):
        answers.append(probability_of(x * masks[start : start + batch_size, ..., None]))
    return np.squeeze(np.concatenate(answers))
