# Nothing for small activations
def cam_grid(activations, weights, target):
    if np.abs(activations).max() < 1e-3:
        return np.zeros(activations.shape[:2])
    return activations @ weights[:, target]
