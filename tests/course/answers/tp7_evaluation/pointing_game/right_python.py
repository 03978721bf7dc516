# Pure Python
def pointing_game(saliency_map, boxes, tolerance=15):
    best, row, column = None, 0, 0
    for i, line in enumerate(saliency_map.tolist()):
        for j, value in enumerate(line):
            if best is None or value > best:
                best, row, column = value, i, j
    return any(
        (row - v) ** 2 + (column - u) ** 2 <= tolerance**2
        for left, top, right, bottom in boxes
        for u in range(left, right)
        for v in range(top, bottom)
    )
