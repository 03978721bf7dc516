# Grids of 7 x 7 alone, and the example's
def cam_grid(activations, weights, target):
    rows, columns = activations.shape[:2]
    if rows != columns and rows > 3:
        rows = columns = 7
    return (activations @ weights[:, target]).reshape(rows, columns)
