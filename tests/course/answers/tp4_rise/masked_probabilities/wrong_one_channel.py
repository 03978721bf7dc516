# masks the first channel only
def masked_probabilities(probability_of, x, masks, batch_size=32):
    answers = []
    for start in range(0, len(masks), batch_size):
        masked = np.repeat(x[None], len(masks[start : start + batch_size]), axis=0)
        masked[..., 0] *= masks[start : start + batch_size]
        answers.append(probability_of(masked))
    return np.concatenate(answers)
