# Never more than 15
def pointing_game(saliency_map, boxes, tolerance=15):
    row, column = np.unravel_index(np.argmax(saliency_map), np.shape(saliency_map))
    for left, top, right, bottom in boxes:
        dx, dy = max(left - column, 0, column - right + 1), max(top - row, 0, row - bottom + 1)
        if np.hypot(dx, dy) <= min(tolerance, 15):
            return True
    return False
