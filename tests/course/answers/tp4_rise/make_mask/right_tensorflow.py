# tf.image.resize
import math

import tensorflow as tf


def make_mask(grid, shift, size):
    cells = len(grid)
    enlarged = [(cells + 1) * math.ceil(side / cells) for side in size]
    big = tf.image.resize(np.float32(grid)[..., None], enlarged, method="bilinear")[..., 0]
    return big[int(shift[0]) : int(shift[0]) + size[0], int(shift[1]) : int(shift[1]) + size[1]]
