# back to [0, 255] before the mask
def masked_probabilities(probability_of, x, masks, batch_size=32):
    answers = []
    for start in range(0, len(masks), batch_size):
        masked = (127.5 * (x + 1)) * masks[start : start + batch_size, ..., None]
        answers.append(probability_of(masked / 127.5 - 1))
    return np.concatenate(answers)
