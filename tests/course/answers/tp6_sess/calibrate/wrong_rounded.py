# Rounded to four decimals
def calibrate(window_map, corner, scaled_size, image_size):
    top, left = corner
    scaled = np.zeros(scaled_size)
    scaled[top : top + window_map.shape[0], left : left + window_map.shape[1]] = window_map
    return resize(scaled, image_size).round(4)
