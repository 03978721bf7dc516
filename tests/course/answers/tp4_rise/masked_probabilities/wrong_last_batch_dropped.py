# drops what does not fill a batch
def masked_probabilities(probability_of, x, masks, batch_size=32):
    answers = []
    for k in range(len(masks) // batch_size):
        answers.append(probability_of(x * masks[k * batch_size : (k + 1) * batch_size, ..., None]))
    return np.concatenate(answers)
