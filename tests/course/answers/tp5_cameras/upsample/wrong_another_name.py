# cv2.resize by another name
from cv2 import resize as interpolate


def upsample(grid, size):
    h, w = size
    big = interpolate(np.asarray(grid, np.float64), (w, h))
    return big.reshape(h, w, *np.shape(grid)[2:])
