# masks on top of masks: changes x
def masked_probabilities(probability_of, x, masks, batch_size=32):
    answers = []
    for start in range(0, len(masks), batch_size):
        batch = []
        for mask in masks[start : start + batch_size]:
            x *= mask[..., None]
            batch.append(x.copy())
        answers.append(probability_of(np.stack(batch)))
    return np.concatenate(answers)
