# A row or a column alone loses its axis
def grad_cam_grid(activations, gradients):
    m = np.maximum(activations @ gradients.mean(axis=(0, 1)), 0).squeeze()
    return m if m.ndim == 2 else np.atleast_2d(m)
