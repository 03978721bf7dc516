# a softmax on top of the probabilities
def masked_probabilities(probability_of, x, masks, batch_size=32):
    answers = []
    for start in range(0, len(masks), batch_size):
        answers.append(probability_of(x * masks[start : start + batch_size, ..., None]))
    answers = np.concatenate(answers)
    return np.exp(answers) / np.exp(answers).sum(axis=-1, keepdims=True)
