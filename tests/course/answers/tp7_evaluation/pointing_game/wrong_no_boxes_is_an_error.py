# Fails without boxes
def pointing_game(saliency_map, boxes, tolerance=15):
    row, column = np.unravel_index(np.argmax(saliency_map), np.shape(saliency_map))
    distances = [
        np.hypot(max(left - column, 0, column - right + 1), max(top - row, 0, row - bottom + 1))
        for left, top, right, bottom in boxes
    ]
    return min(distances) <= tolerance
