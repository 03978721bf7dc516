# The distance in whole pixels
def pointing_game(saliency_map, boxes, tolerance=15):
    row, column = np.unravel_index(np.argmax(saliency_map), np.shape(saliency_map))
    for left, top, right, bottom in boxes:
        dx, dy = max(left - column, 0, column - right + 1), max(top - row, 0, row - bottom + 1)
        if int(np.hypot(dx, dy)) <= tolerance:
            return True
    return False
