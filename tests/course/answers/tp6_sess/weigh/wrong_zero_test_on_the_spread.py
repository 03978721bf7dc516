# rounding gives a flat map a standard deviation that is not 0, and then NaN
def weigh(maps, probabilities):
    weighed = np.zeros(maps.shape)
    for i, m in enumerate(maps):
        if m.std() != 0:
            weighed[i] = (m - m.min()) / (m.max() - m.min()) * probabilities[i] / probabilities.max()
    return weighed
