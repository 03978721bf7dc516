# The window is taken for a square
def calibrate(window_map, corner, scaled_size, image_size):
    top, left = corner
    n = min(window_map.shape)
    scaled = np.zeros(scaled_size)
    scaled[top : top + n, left : left + n] = window_map[:n, :n]
    return resize(scaled, image_size)
