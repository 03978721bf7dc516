# Measures the distance to the middle of the box.
def pointing_game(saliency_map, boxes, tolerance=15):
    row, column = np.unravel_index(np.argmax(saliency_map), np.shape(saliency_map))
    return any(np.hypot((l + r) / 2 - column, (t + b) / 2 - row) <= tolerance for l, t, r, b in boxes)
