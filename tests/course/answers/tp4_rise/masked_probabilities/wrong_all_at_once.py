# all the masked images in one call
def masked_probabilities(probability_of, x, masks, batch_size=32):
    return probability_of(x * masks[..., None])
