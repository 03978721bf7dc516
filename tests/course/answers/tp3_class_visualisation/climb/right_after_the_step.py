# blurs after the step, but for the last one
def climb(x, gradient_of, step, shifts, blur_every=4, blur_sigma=0.7):
    n = len(shifts)
    for k in range(1, n + 1):
        g = gradient_of(x, shifts[k - 1])
        x = np.asarray(step(x, g), np.float32)
        if blur_every != 0 and k % blur_every == 0 and k != n:
            x = cv2.GaussianBlur(x, (0, 0), sigmaX=blur_sigma, sigmaY=blur_sigma)
    return x
