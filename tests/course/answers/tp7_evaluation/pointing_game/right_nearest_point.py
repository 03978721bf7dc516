# Clips the point to the box.
def pointing_game(saliency_map, boxes, tolerance=15):
    row, column = np.unravel_index(np.argmax(saliency_map), np.shape(saliency_map))

    def distance(box):
        left, top, right, bottom = box
        nearest = np.clip([column, row], [left, top], [right - 1, bottom - 1])
        return np.linalg.norm(nearest - [column, row])

    return any(distance(box) <= tolerance for box in boxes)
