# one spread over the pixels
def standard_error(masks, probabilities, p):
    t = masks * np.asarray(probabilities)[:, None, None] / p
    return t.mean(axis=0).std() / np.sqrt(len(t)) * np.ones(t.shape[1:])
