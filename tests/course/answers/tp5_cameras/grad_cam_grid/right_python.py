# Pure Python
def grad_cam_grid(activations, gradients):
    rows, columns, n = gradients.shape
    w = [sum(float(gradients[i, j, k]) for i in range(rows) for j in range(columns)) / (rows * columns) for k in range(n)]
    return [[max(0.0, sum(w[k] * float(activations[i, j, k]) for k in range(n))) for j in range(columns)] for i in range(rows)]
