# SciPy's blur, with another border than OpenCV's
from scipy.ndimage import gaussian_filter


def climb(x, gradient_of, step, shifts, blur_every=4, blur_sigma=0.7):
    for number, shift in enumerate(shifts):
        if blur_every and number > 0 and number % blur_every == 0:
            x = gaussian_filter(x, (blur_sigma, blur_sigma, 0))
        x = step(x, gradient_of(x, shift))
    return x
