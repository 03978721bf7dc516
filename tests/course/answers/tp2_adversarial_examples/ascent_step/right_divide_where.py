# divide where
def ascent_step(image, gradient, step_size):
    norm = np.sqrt(np.einsum("ijk,ijk->", gradient, gradient))
    unit = np.divide(gradient, norm, out=np.zeros_like(gradient), where=norm > 0)
    return image + step_size * unit
