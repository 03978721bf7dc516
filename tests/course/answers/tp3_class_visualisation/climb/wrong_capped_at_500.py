def climb(x, gradient_of, step, shifts, blur_every=4, blur_sigma=0.7):
    for number, shift in enumerate(shifts[:500]):
        if blur_every and number > 0 and number % blur_every == 0:
            x = cv2.GaussianBlur(x, (0, 0), blur_sigma)
        x = step(x, gradient_of(x, shift))
    return x
