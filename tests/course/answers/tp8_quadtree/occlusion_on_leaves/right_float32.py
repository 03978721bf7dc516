# Single precision
def occlusion_on_leaves(probability_of, x, leaves, baseline=0.0):
    x = np.asarray(x, np.float32)
    inputs = np.repeat(x[None], len(leaves) + 1, axis=0)
    for i, (top, left, height, width) in enumerate(leaves, start=1):
        inputs[i, top : top + height, left : left + width] = baseline
    p = np.asarray(probability_of(inputs), np.float32)
    return p[0] - p[1:]
