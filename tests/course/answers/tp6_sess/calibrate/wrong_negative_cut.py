# Nothing below 0
def calibrate(window_map, corner, scaled_size, image_size):
    top, left = corner
    scaled = np.zeros(scaled_size)
    scaled[top : top + window_map.shape[0], left : left + window_map.shape[1]] = window_map
    return np.maximum(resize(scaled, image_size), 0)
