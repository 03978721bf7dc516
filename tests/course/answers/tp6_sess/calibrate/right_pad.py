# np.pad and OpenCV
def calibrate(window_map, corner, scaled_size, image_size):
    import cv2

    (top, left), (h, w) = corner, window_map.shape
    padded = np.pad(window_map, ((top, scaled_size[0] - top - h), (left, scaled_size[1] - left - w)))
    return cv2.resize(padded.astype(np.float32), (image_size[1], image_size[0]), interpolation=cv2.INTER_LINEAR)
