# three channels taken for granted
def masked_probabilities(probability_of, x, masks, batch_size=32):
    answers = []
    for start in range(0, len(masks), batch_size):
        batch = masks[start : start + batch_size]
        answers.append(probability_of(x * np.stack([batch] * 3, axis=-1)))
    return np.concatenate(answers)
