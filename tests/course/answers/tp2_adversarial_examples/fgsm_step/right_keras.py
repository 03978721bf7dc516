# keras.ops.
def fgsm_step(image, gradient, epsilon):
    image, gradient = (keras.ops.convert_to_tensor(array) for array in (image, gradient))
    return keras.ops.clip(image + epsilon * keras.ops.sign(gradient), 0.0, 255.0)
