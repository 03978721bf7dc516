# also blurs after the last step
def climb(x, gradient_of, step, shifts, blur_every=4, blur_sigma=0.7):
    for number, shift in enumerate(shifts, start=1):
        x = step(x, gradient_of(x, shift))
        if blur_every and number % blur_every == 0:
            x = cv2.GaussianBlur(x, (0, 0), blur_sigma)
    return x
