# the root of what rounding has made negative
def standard_error(masks, probabilities, p):
    n = len(masks)
    total = np.einsum("n,nhw->hw", probabilities, masks)
    squares = np.einsum("n,nhw->hw", probabilities**2, masks**2)
    return np.sqrt((squares - total**2 / n) / (n - 1) / n) / p
