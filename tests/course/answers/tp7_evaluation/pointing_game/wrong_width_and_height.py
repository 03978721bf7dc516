# Takes right and bottom for a width and a height.
def pointing_game(saliency_map, boxes, tolerance=15):
    row, column = np.unravel_index(np.argmax(saliency_map), np.shape(saliency_map))
    for left, top, width, height in boxes:
        dx, dy = max(left - column, 0, column - left - width + 1), max(top - row, 0, row - top - height + 1)
        if dx**2 + dy**2 <= tolerance**2:
            return True
    return False
