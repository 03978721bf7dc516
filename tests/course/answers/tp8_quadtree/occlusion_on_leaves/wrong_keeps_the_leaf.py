# Hides everything but the leaf.
def occlusion_on_leaves(probability_of, x, leaves, baseline=0.0):
    inputs = [x]
    for t, l, h, w in leaves:
        hidden = np.full_like(x, baseline)
        hidden[t : t + h, l : l + w] = x[t : t + h, l : l + w]
        inputs.append(hidden)
    p = np.asarray(probability_of(np.stack(inputs)))
    return p[0] - p[1:]
