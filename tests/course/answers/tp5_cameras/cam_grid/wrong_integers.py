# The sum has the activations' type: integers are cut
def cam_grid(activations, weights, target):
    m = np.zeros_like(activations[..., 0])
    for k in range(activations.shape[-1]):
        m += (activations[..., k] * weights[k, target]).astype(m.dtype)
    return m
