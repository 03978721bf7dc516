# the last full batch counted twice
def masked_probabilities(probability_of, x, masks, batch_size=32):
    answers = []
    for k in range(len(masks) // batch_size + 1):
        start = min(k * batch_size, len(masks) - batch_size)
        answers.append(probability_of(x * masks[start : start + batch_size, ..., None]))
    return np.concatenate(answers)
