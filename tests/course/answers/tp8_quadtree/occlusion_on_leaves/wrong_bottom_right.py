# Takes height and width for the bottom and the right.
def occlusion_on_leaves(probability_of, x, leaves, baseline=0.0):
    inputs = [x]
    for t, l, h, w in leaves:
        hidden = x.copy()
        hidden[t:h, l:w] = baseline
        inputs.append(hidden)
    p = np.asarray(probability_of(np.stack(inputs)))
    return p[0] - p[1:]
