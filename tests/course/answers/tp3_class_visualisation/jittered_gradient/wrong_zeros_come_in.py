# what leaves on one side does not come back on the other
def jittered_gradient(gradient_of, x, shift):
    def moved(array, dy, dx):
        matrix = np.float32([[1, 0, dx], [0, 1, dy]])
        return cv2.warpAffine(np.float32(array), matrix, array.shape[1::-1]).reshape(array.shape)

    dy, dx = (int(s) for s in shift)
    return moved(gradient_of(moved(x, dy, dx)), -dy, -dx)
