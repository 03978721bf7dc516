# stops when the gradient is small
def climb(x, gradient_of, step, shifts, blur_every=4, blur_sigma=0.7):
    for number, shift in enumerate(shifts):
        if blur_every and number > 0 and number % blur_every == 0:
            x = cv2.GaussianBlur(x, (0, 0), blur_sigma)
        g = gradient_of(x, shift)
        if np.abs(g).max() < 1e-6:
            break
        x = step(x, g)
    return x
