# forgets that a pixel is kept in a share p of the images
def weighted_sum(masks, probabilities, p):
    return (masks * np.asarray(probabilities)[:, None, None]).mean(axis=0)
