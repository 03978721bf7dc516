# Pure Python, lists
def reconstruct(image, leaves):
    height, width, n_channels = image.shape
    flat = [[None] * width for _ in range(height)]
    for t, l, h, w in leaves:
        pixels = [image[i, j] for i in range(t, t + h) for j in range(l, l + w)]
        colour = [sum(float(p[c]) for p in pixels) / len(pixels) for c in range(n_channels)]
        for i in range(t, t + h):
            for j in range(l, l + w):
                flat[i][j] = colour
    return flat
