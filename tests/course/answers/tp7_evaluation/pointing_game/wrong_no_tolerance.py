# Forgets the tolerance.
def pointing_game(saliency_map, boxes, tolerance=15):
    row, column = np.unravel_index(np.argmax(saliency_map), np.shape(saliency_map))
    return any(l <= column < r and t <= row < b for l, t, r, b in boxes)
