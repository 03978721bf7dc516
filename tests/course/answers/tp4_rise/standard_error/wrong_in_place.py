# changes the masks given
def standard_error(masks, probabilities, p):
    for mask, s in zip(masks, probabilities):
        mask *= s / p
    return masks.std(axis=0, ddof=1) / np.sqrt(len(masks))
