# Takes height and width for the bottom and the right.
def reconstruct(image, leaves):
    flat = np.array(image, float)
    for top, left, bottom, right in leaves:
        if bottom > top and right > left:
            flat[top:bottom, left:right] = image[top:bottom, left:right].mean(axis=(0, 1))
    return flat
