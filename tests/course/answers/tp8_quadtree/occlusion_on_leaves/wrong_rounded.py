# Rounded to four decimals
def occlusion_on_leaves(probability_of, x, leaves, baseline=0.0):
    p, drops = probability_of(x[None])[0], []
    for t, l, h, w in leaves:
        hidden = x.copy()
        hidden[t : t + h, l : l + w] = baseline
        drops.append(p - probability_of(hidden[None])[0])
    return np.round(drops, 4)
