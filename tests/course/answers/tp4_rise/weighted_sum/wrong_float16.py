# half precision
def weighted_sum(masks, probabilities, p):
    return np.tensordot(np.float16(probabilities), np.float16(masks), axes=1) / (len(masks) * p)
