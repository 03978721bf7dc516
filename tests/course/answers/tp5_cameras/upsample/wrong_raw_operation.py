# a library's resize, by its other name
import tensorflow as tf


def upsample(grid, size):
    images = np.float32(grid).reshape(1, *grid.shape[:2], -1)
    larger = tf.raw_ops.ResizeBilinear(images=images, size=size, half_pixel_centers=True)
    return larger.numpy().reshape(*size, *grid.shape[2:])
