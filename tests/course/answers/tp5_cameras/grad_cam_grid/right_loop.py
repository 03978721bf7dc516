# A loop over the feature maps
def grad_cam_grid(activations, gradients):
    total = np.zeros(activations.shape[:2], np.float64)
    for k in range(activations.shape[2]):
        total = total + gradients[:, :, k].mean() * activations[:, :, k]
    total[total < 0] = 0
    return total
