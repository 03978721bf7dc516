# The library does it
def pointing_game(saliency_map, boxes, tolerance=15):
    return tpv.evaluation.pointing_game(saliency_map, boxes, tolerance)
