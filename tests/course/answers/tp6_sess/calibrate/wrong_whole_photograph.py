# The window stretched over the whole photograph
def calibrate(window_map, corner, scaled_size, image_size):
    return resize(window_map, image_size)
