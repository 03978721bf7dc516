# Laid on the photograph without its scale
def calibrate(window_map, corner, scaled_size, image_size):
    top, left = corner
    h, w = window_map.shape
    scaled = np.zeros(np.maximum(image_size, scaled_size), np.float32)
    scaled[top : top + h, left : left + w] = window_map
    return scaled[: image_size[0], : image_size[1]]
