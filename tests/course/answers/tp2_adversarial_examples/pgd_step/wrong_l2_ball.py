# Projects on a Euclidean ball.
def pgd_step(image, original, gradient, step_size, epsilon):
    p = image + step_size * np.sign(gradient) - original
    p = p * min(1, epsilon / np.linalg.norm(p))
    return np.clip(original + p, 0, 255)
