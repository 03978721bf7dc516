# Hides every leaf on top of those before.
def occlusion_on_leaves(probability_of, x, leaves, baseline=0.0):
    inputs, hidden = [x], x.copy()
    for t, l, h, w in leaves:
        hidden[t : t + h, l : l + w] = baseline
        inputs.append(hidden.copy())
    p = np.asarray(probability_of(np.stack(inputs)))
    return p[0] - p[1:]
