# SciPy's distance transform of the boxes' pixels.
def pointing_game(saliency_map, boxes, tolerance=15):
    outside = np.ones(np.shape(saliency_map), bool)
    for left, top, right, bottom in boxes:
        outside[top:bottom, left:right] = False
    if outside.all():
        return False
    distances = scipy.ndimage.distance_transform_edt(outside)
    return distances.ravel()[np.argmax(saliency_map)] <= tolerance
