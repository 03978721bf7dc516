# A photograph of one row loses its axis
def calibrate(window_map, corner, scaled_size, image_size):
    (top, left), (h, w) = corner, window_map.shape
    scaled = np.zeros(scaled_size, np.float32)
    scaled[top : top + h, left : left + w] = window_map
    return np.squeeze(resize(scaled, image_size))
