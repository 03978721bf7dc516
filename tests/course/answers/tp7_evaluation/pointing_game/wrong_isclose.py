# Values that are close count as maxima
def pointing_game(saliency_map, boxes, tolerance=15):
    row, column = np.argwhere(np.isclose(saliency_map, saliency_map.max()))[0]
    for left, top, right, bottom in boxes:
        dx, dy = max(left - column, 0, column - right + 1), max(top - row, 0, row - bottom + 1)
        if dx**2 + dy**2 <= tolerance**2:
            return True
    return False
