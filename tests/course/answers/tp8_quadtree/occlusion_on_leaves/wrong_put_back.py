# The leaf is put back with the baseline still in what overlaps
def occlusion_on_leaves(probability_of, x, leaves, baseline=0.0):
    p, drops, hidden, seen = probability_of(x[None])[0], [], x.copy(), set()
    for t, l, h, w in leaves:
        hidden[t : t + h, l : l + w] = baseline
        drops.append(0.0 if (t, l, h, w) in seen else p - probability_of(hidden[None])[0])
        seen.add((t, l, h, w))
        hidden = x.copy()
    return np.array(drops)
