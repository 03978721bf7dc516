# einsum, mean written as a sum
def grad_cam_grid(activations, gradients):
    n = gradients.shape[0] * gradients.shape[1]
    return np.clip(np.einsum("ijk,abk->ij", activations, gradients) / n, 0, None)
