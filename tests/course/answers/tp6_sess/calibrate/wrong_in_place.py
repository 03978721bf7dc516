# Changes the map that it is given
def calibrate(window_map, corner, scaled_size, image_size):
    top, left = corner
    scaled = np.zeros(scaled_size)
    scaled[top : top + window_map.shape[0], left : left + window_map.shape[1]] = window_map
    window_map[window_map < 0] = 0
    window_map -= window_map.min()
    return resize(scaled, image_size)
