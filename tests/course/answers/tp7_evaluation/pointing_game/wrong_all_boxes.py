# Wants the maximum on all the boxes.
def pointing_game(saliency_map, boxes, tolerance=15):
    row, column = np.unravel_index(np.argmax(saliency_map), np.shape(saliency_map))
    distances = []
    for left, top, right, bottom in boxes:
        dx, dy = max(left - column, 0, column - right + 1), max(top - row, 0, row - bottom + 1)
        distances.append(np.hypot(dx, dy))
    return all(distance <= tolerance for distance in distances)
