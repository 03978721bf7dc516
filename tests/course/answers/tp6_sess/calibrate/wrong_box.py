# The window resized first and put at the rounded place
def calibrate(window_map, corner, scaled_size, image_size):
    y, x = image_size[0] / scaled_size[0], image_size[1] / scaled_size[1]
    h, w = window_map.shape
    layer = np.zeros(image_size, np.float32)
    top, left = round(corner[0] * y), round(corner[1] * x)
    bottom, right = min(round((corner[0] + h) * y), image_size[0]), min(round((corner[1] + w) * x), image_size[1])
    layer[top:bottom, left:right] = resize(window_map, (bottom - top, right - left))
    return layer
