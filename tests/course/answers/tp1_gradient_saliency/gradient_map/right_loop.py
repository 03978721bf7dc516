# Channel by channel.
def gradient_map(gradient):
    result = np.zeros(gradient.shape[:2])
    for channel in range(3):
        result = np.maximum(result, np.abs(gradient[:, :, channel]))
    return result
