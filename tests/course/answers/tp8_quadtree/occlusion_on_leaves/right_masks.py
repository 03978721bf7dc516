# Masks instead of slices.
def occlusion_on_leaves(probability_of, x, leaves, baseline=0.0):
    rows, columns = np.indices(x.shape[:2])
    t, l, h, w = np.array(leaves).T[:, :, None, None]
    inside = (rows >= t) & (rows < t + h) & (columns >= l) & (columns < l + w)
    p = np.asarray(probability_of(np.concatenate([x[None], np.where(inside[..., None], baseline, x)])))
    return p[:1] - p[1:]
