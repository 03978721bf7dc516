# Tiny values taken for 0
def pointing_game(saliency_map, boxes, tolerance=15):
    cleaned = np.where(np.abs(saliency_map) < 1e-17, 0, saliency_map)
    i, j = np.unravel_index(cleaned.argmax(), saliency_map.shape)
    distances = [np.hypot(max(l - j, 0, j - r + 1), max(t - i, 0, i - b + 1)) for l, t, r, b in boxes]
    return any(distance <= tolerance for distance in distances)
