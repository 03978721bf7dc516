# One row loses its axis
def climb(x, gradient_of, step, shifts, blur_every=4, blur_sigma=0.7):
    for k, shift in enumerate(shifts):
        if blur_every and k and k % blur_every == 0:
            x = cv2.GaussianBlur(x, (0, 0), blur_sigma)
        x = step(x, gradient_of(x, shift))
    return np.squeeze(x)
