# one buffer, filled again and again
def masked_probabilities(probability_of, x, masks, batch_size=32):
    buffer = np.empty((min(batch_size, len(masks)), *x.shape))
    answers = []
    for start in range(0, len(masks), batch_size):
        n = len(masks[start : start + batch_size])
        for k in range(n):
            buffer[k] = x * masks[start + k][:, :, np.newaxis]
        answers += list(np.array(probability_of(buffer[:n])))
    return np.stack(answers)
