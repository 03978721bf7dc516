# A map of equal values never hits
def pointing_game(saliency_map, boxes, tolerance=15):
    if np.ptp(saliency_map) == 0:
        return False
    row, column = np.unravel_index(np.argmax(saliency_map), np.shape(saliency_map))
    for left, top, right, bottom in boxes:
        dx, dy = max(left - column, 0, column - right + 1), max(top - row, 0, row - bottom + 1)
        if dx**2 + dy**2 <= tolerance**2:
            return True
    return False
