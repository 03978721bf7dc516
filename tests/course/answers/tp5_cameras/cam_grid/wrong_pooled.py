# One number: pooled as for the score
def cam_grid(activations, weights, target):
    return (activations.mean(axis=(0, 1)) * weights[:, target]).sum()
