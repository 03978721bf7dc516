# Loops over the pixels of the window
def calibrate(window_map, corner, scaled_size, image_size):
    scaled = np.zeros(scaled_size)
    for i, row in enumerate(window_map):
        for j, value in enumerate(row):
            scaled[corner[0] + i, corner[1] + j] = value
    return resize(scaled, image_size).astype(np.float64)
