# Laid on the mean of the map instead of zeros
def calibrate(window_map, corner, scaled_size, image_size):
    top, left = corner
    h, w = window_map.shape
    scaled = np.full(scaled_size, window_map.mean(), np.float32)
    scaled[top : top + h, left : left + w] = window_map
    return resize(scaled, image_size)
