# A map whose sum is 0 taken for a flat one
def weigh(maps, probabilities):
    weighed = np.zeros(maps.shape)
    for i, m in enumerate(np.asarray(maps, float)):
        if m.sum() != 0 and np.ptp(m) > 0:
            weighed[i] = (m - m.min()) / (m.max() - m.min()) * probabilities[i] / probabilities.max()
    return weighed
