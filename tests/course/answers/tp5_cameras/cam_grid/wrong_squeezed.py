# A row or a column alone loses its axis
def cam_grid(activations, weights, target):
    m = np.squeeze(activations @ weights[:, target])
    return m[None] if m.ndim == 1 else m
