# One pixel too far up and left
def calibrate(window_map, corner, scaled_size, image_size):
    top, left = corner
    h, w = window_map.shape
    scaled = np.zeros((scaled_size[0] + 1, scaled_size[1] + 1), np.float32)
    scaled[top : top + h, left : left + w] = window_map
    return resize(scaled[1:, 1:], image_size)
