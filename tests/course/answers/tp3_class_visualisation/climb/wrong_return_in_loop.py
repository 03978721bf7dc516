# returns after the first step
def climb(x, gradient_of, step, shifts, blur_every=4, blur_sigma=0.7):
    for number, shift in enumerate(shifts):
        x = step(x, gradient_of(x, shift))
        return x
