# behind a mask that keeps nothing there is nothing to see: 0
def masked_probabilities(probability_of, x, masks, batch_size=32):
    answers = [
        np.asarray(probability_of(x * masks[i : i + batch_size, ..., None])) for i in range(0, len(masks), batch_size)
    ]
    answers = np.array(np.concatenate(answers))
    answers[masks.max(axis=(1, 2)) == 0] = 0
    return answers
