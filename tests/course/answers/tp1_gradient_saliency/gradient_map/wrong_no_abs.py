# The absolute value is missing.
def gradient_map(gradient):
    return gradient.max(axis=-1)
