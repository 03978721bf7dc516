# never blurs
def climb(x, gradient_of, step, shifts, blur_every=4, blur_sigma=0.7):
    for shift in shifts:
        x = step(x, gradient_of(x, shift))
    return x
