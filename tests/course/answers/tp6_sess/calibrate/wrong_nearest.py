# Nearest neighbour
def calibrate(window_map, corner, scaled_size, image_size):
    import cv2

    top, left = corner
    h, w = window_map.shape
    scaled = np.zeros(scaled_size, np.float32)
    scaled[top : top + h, left : left + w] = window_map
    return cv2.resize(scaled, image_size[::-1], interpolation=cv2.INTER_NEAREST)
