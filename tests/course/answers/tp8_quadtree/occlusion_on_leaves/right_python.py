# A list of floats
def occlusion_on_leaves(probability_of, x, leaves, baseline=0.0):
    drops = []
    for top, left, height, width in leaves:
        pair = np.stack([x, x])
        pair[1, top : top + height, left : left + width] = baseline
        before, after = (float(p) for p in probability_of(pair))
        drops.append(before - after)
    return drops
