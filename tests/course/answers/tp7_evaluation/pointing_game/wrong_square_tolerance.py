# Widens the box on each side: a square tolerance instead of a round one.
def pointing_game(saliency_map, boxes, tolerance=15):
    row, column = np.unravel_index(np.argmax(saliency_map), np.shape(saliency_map))
    return any(l - tolerance <= column < r + tolerance and t - tolerance <= row < b + tolerance for l, t, r, b in boxes)
