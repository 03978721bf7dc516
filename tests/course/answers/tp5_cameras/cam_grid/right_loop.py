# A loop over the feature maps, list of lists returned
def cam_grid(activations, weights, target):
    total = np.zeros(activations.shape[:2])
    for k in range(activations.shape[-1]):
        total += weights[k, target] * activations[:, :, k]
    return total.tolist()
