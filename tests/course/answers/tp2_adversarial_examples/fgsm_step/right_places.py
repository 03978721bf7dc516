# places
def fgsm_step(image, gradient, epsilon):
    result = np.array(image, float)
    result[gradient > 0] += epsilon
    result[gradient < 0] -= epsilon
    return result.clip(0, 255)
