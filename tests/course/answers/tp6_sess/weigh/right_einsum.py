# float32, einsum
def weigh(maps, probabilities):
    m = np.asarray(maps, np.float32).copy()
    for i in range(len(m)):
        m[i] -= m[i].min()
        if m[i].max() > 0:
            m[i] /= m[i].max()
    return np.einsum("i,ihw->ihw", np.asarray(probabilities, np.float32) / np.max(probabilities), m)
