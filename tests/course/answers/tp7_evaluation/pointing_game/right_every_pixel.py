# Measures the distance to every pixel of every box.
def pointing_game(saliency_map, boxes, tolerance=15):
    row, column = np.unravel_index(np.argmax(saliency_map), np.shape(saliency_map))
    distances = [np.inf]
    for left, top, right, bottom in boxes:
        v, u = np.mgrid[top:bottom, left:right]
        distances.append(np.hypot(v - row, u - column).min())
    return min(distances) <= tolerance
