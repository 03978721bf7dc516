# Rounded to three decimals
def grad_cam_grid(activations, gradients):
    return np.maximum(activations @ gradients.mean(axis=(0, 1)), 0).round(3)
