# lists, while, three channels repeated
def masked_probabilities(probability_of, x, masks, batch_size=32):
    answers, done = [], 0
    while done < len(masks):
        batch = np.repeat(np.asarray(masks)[done : done + batch_size, :, :, None], x.shape[-1], axis=3)
        answers.append(probability_of(np.stack([m * x for m in batch]).astype(np.float32)))
        done += len(batch)
    return np.concatenate(answers, axis=0)
