# four steps at a time
def climb(x, gradient_of, step, shifts, blur_every=4, blur_sigma=0.7):
    length = blur_every or len(shifts) or 1
    for begin in range(0, len(shifts), length):
        if begin:
            x = cv2.GaussianBlur(x, (0, 0), blur_sigma)
        for shift in shifts[begin : begin + length]:
            x = step(x, gradient_of(x, shift))
    return x
