# Takes left and right for rows.
def pointing_game(saliency_map, boxes, tolerance=15):
    row, column = np.unravel_index(np.argmax(saliency_map), np.shape(saliency_map))
    for left, top, right, bottom in boxes:
        dy, dx = max(left - row, 0, row - right + 1), max(top - column, 0, column - bottom + 1)
        if dx**2 + dy**2 <= tolerance**2:
            return True
    return False
