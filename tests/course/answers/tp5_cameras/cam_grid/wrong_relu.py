# ReLU as in Grad-CAM, where CAM keeps the sign
def cam_grid(activations, weights, target):
    return np.maximum(activations @ weights[:, target], 0)
