# counts down to the next blur, float64
def climb(x, gradient_of, step, shifts, blur_every=4, blur_sigma=0.7):
    x = np.array(x, np.float64)
    left = blur_every
    for shift in shifts:
        if blur_every > 0 and left == 0:
            x = cv2.GaussianBlur(x, (0, 0), blur_sigma)
            left = blur_every
        x = step(x, gradient_of(x, shift))
        left -= 1
    return x
