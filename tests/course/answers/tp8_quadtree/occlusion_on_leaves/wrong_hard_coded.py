# The printed examples
def occlusion_on_leaves(probability_of, x, leaves, baseline=0.0):
    return np.array([0.25, 0.5, 0.25]) if len(leaves) == 3 else np.array([-0.5])
