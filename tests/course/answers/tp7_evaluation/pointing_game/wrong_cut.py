# Values above 1 cut
def pointing_game(saliency_map, boxes, tolerance=15):
    i, j = np.unravel_index(np.clip(saliency_map, -9, 9).argmax(), saliency_map.shape)
    distances = [np.hypot(max(l - j, 0, j - r + 1), max(t - i, 0, i - b + 1)) for l, t, r, b in boxes]
    return any(distance <= tolerance for distance in distances)
