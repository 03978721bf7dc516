# Laid on ones
def calibrate(window_map, corner, scaled_size, image_size):
    top, left = corner
    h, w = window_map.shape
    scaled = np.ones(scaled_size, np.float32)
    scaled[top : top + h, left : left + w] = window_map
    return resize(scaled, image_size)
