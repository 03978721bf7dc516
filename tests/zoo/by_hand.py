"""Maps computed by hand: with a gradient tape or a loop on the Keras model itself, and with nothing of the package.

They settle what it means that a map has its peak elsewhere than on the cue: where both agree, the network does look
there, or the method's definition says so.
"""

import cv2
import keras
import numpy as np
import tensorflow as tf
from keras import layers
from planted import SIZE
from scipy.ndimage import affine_transform, gaussian_filter


class Subject:
    """A trained model of some kind, and the class of one image; `score` is what is explained.

    Args:
        kind: `Kind` of the network.
        model: the Keras model.
        image: float32 (48, 48, 3) in [0, 255].
        target: class index.
    """

    def __init__(self, kind, model, image, target):
        self.kind, self.model, self.image, self.target = kind, model, image, target
        self.prepare = kind.preprocess or (lambda x: x)
        self.x = self.prepare(image[None])

    def all_scores(self, x, model=None):
        """The scores (N, K) before a softmax or sigmoid; of one number, those of no and yes."""
        model = model or self.model
        if self.kind.fixed:
            others = {name: tf.repeat([value], len(x), 0) for name, value in self.kind.fixed.items()}
            x = {"images": tf.convert_to_tensor(x), **others}
        if self.kind.ends_in is None:
            scores = model(x, training=False)
            scores = scores if self.kind.output is None else scores[self.kind.output]
        else:
            last = model.layers[-1]
            before = keras.Model(model.input, last.input)(x, training=False)
            is_dense = isinstance(last, layers.Dense)
            scores = before @ tf.cast(last.kernel, before.dtype) + last.bias if is_dense else before / 0.5
        scores = tf.cast(scores, tf.float32)
        return tf.concat([-scores, scores], axis=1) if self.kind.goal == "red" else scores

    def probabilities(self, x):
        scores = self.all_scores(x)
        return (tf.sigmoid if self.kind.goal in ("labels", "red") else tf.nn.softmax)(scores)[:, self.target].numpy()

    def gradient(self, x, before=None, model=None):
        """∂S_c/∂x (N, h, w, 3), through the preprocessing `before` if given."""
        x = tf.constant(x, tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = self.all_scores(x if before is None else before(x), model)[:, self.target]
        return tape.gradient(score, x).numpy()

    def features(self, x):
        """A and ∂S_c/∂A of the kind's last layer laid on the image, (N, rows, columns, channels)."""
        layer, seen = self.kind.features(self.model), []
        call = layer.call
        layer.call = lambda *args, **kwargs: seen.append(call(*args, **kwargs)) or seen[-1]
        try:
            with tf.GradientTape() as tape:
                tape.watch(x := tf.constant(x, tf.float32))
                score = self.all_scores(x)[:, self.target]
        finally:
            del layer.call  # which uncovers the layer's own
        (A,) = seen
        return [_laid_out(tensor.numpy()) for tensor in (A, tape.gradient(score, A))]


def gradient(subject):
    return np.abs(subject.gradient(subject.image[None], subject.prepare)[0]).max(axis=-1)


def gradient_times_input(subject):
    return (subject.gradient(subject.x)[0] * subject.x[0]).sum(axis=-1)


def smoothgrad(subject, noise):
    sigma = 0.15 * np.ptp(subject.image)
    total = sum(subject.gradient(subject.image[None] + sigma * normals, subject.prepare)[0] for normals in noise)
    return np.abs(total / len(noise)).max(axis=-1)


def guided_backprop(subject):
    copy = keras.models.clone_model(subject.model)
    copy.set_weights(subject.model.get_weights())
    for layer in copy._flatten_layers():
        if isinstance(layer, (layers.ReLU, layers.LeakyReLU)):
            layer.call = _guided_relu
        elif getattr(layer, "activation", None) is keras.activations.relu:
            layer.activation = _guided_relu
    return np.abs(subject.gradient(subject.image[None], subject.prepare, copy)[0]).max(axis=-1)


@tf.custom_gradient
def _guided_relu(x):
    return tf.nn.relu(x), lambda g: tf.where((x > 0) & (g > 0), g, tf.zeros_like(g))


def excitation_backprop(subject):
    """What comes after the layer is one linear function, or pooling and one dense layer, which is the same."""
    A, g = subject.features(subject.x)
    mass = np.maximum(A[0], 0) * np.maximum(g[0], 0)
    stretched = _stretched((mass / mass.sum()).sum(axis=-1))
    return stretched / stretched.sum()


def grad_cam(subject):
    A, g = subject.features(subject.x)
    return _stretched(np.maximum((g.mean(axis=(1, 2), keepdims=True) * A)[0].sum(axis=-1), 0))


def augmented_grad_cam(subject, transforms):
    """The mean of the Grad-CAM maps of moved images, each divided by its maximum and moved back."""
    total = np.zeros((SIZE, SIZE))
    for angle, (dx, dy) in zip(*transforms, strict=True):
        moved = _shifted(_turned(subject.image, angle), dx, dy)
        A, g = subject.features(subject.prepare(moved[None]))
        grid = np.maximum((g.mean(axis=(1, 2), keepdims=True) * A)[0].sum(axis=-1), 0)
        total += _turned(_shifted(_stretched(grid / max(grid.max(), 1e-30)), -dx, -dy), -angle)
    return total / len(transforms[0])


def _turned(picture, angle):
    """A picture turned anticlockwise about its middle."""
    c, s = np.cos(angle), np.sin(angle)
    matrix, middle = np.array([[c, s], [-s, c]]), np.full(2, (SIZE - 1) / 2)
    return _resampled(picture, matrix, middle - matrix @ middle)


def _shifted(picture, dx, dy):
    return _resampled(picture, np.eye(2), np.array([-dy, -dx]))


def _resampled(picture, matrix, offset):
    """Each pixel read at matrix @ (row, column) + offset, 0 outside."""
    channels = np.atleast_3d(picture)
    moved = [
        affine_transform(channels[..., k], matrix, offset, order=1, mode="grid-constant")
        for k in range(channels.shape[-1])
    ]
    return np.stack(moved, axis=-1).reshape(picture.shape)


def grad_cam_plus_plus(subject):
    A, g = subject.features(subject.x)
    return _plus_plus(A[0], g[0], g[0] ** 2, g[0] ** 3)


def smooth_grad_cam_plus_plus(subject, noise):
    sigma = 0.15 * np.ptp(subject.image)
    noisy = [subject.features(subject.prepare(subject.image[None] + sigma * normals))[1][0] for normals in noise]
    A, _ = subject.features(subject.x)
    return _plus_plus(A[0], *(np.mean([g**power for g in noisy], axis=0) for power in (1, 2, 3)))


def _plus_plus(A, d1, d2, d3):
    total = np.zeros(A.shape[:2])
    for k in range(A.shape[-1]):
        below = 2 * d2[..., k] + A[..., k].sum() * d3[..., k] + 1e-7
        alpha = np.where(np.abs(below) > 1e-7, d2[..., k] / below, 0)
        total += (alpha * np.maximum(d1[..., k], 0)).sum() * A[..., k]
    return _stretched(np.maximum(total, 0))


def score_cam(subject):
    A, _ = subject.features(subject.x)
    maps = [A[0, ..., k] for k in range(A.shape[-1]) if np.ptp(A[0, ..., k]) > 0]
    weights = subject.probabilities(np.concatenate([subject.x * _mask(grid) for grid in maps]))
    return np.maximum(_stretched(sum(w * grid for w, grid in zip(weights, maps, strict=True))), 0)


def group_cam(subject):
    A, g = subject.features(subject.x)
    weighted = g[0].mean(axis=(0, 1)) * A[0]
    groups = np.array_split(weighted, min(32, A.shape[-1]), axis=-1)
    M = [np.maximum(group.sum(axis=-1), 0) for group in groups]
    masks = [_mask(grid) if np.ptp(grid) > 0 else 0 for grid in M]
    blurred = gaussian_filter(subject.x, 50, radius=25, mode="mirror", axes=(1, 2))
    blended = np.concatenate([blurred, *(subject.x * mask + blurred * (1 - mask) for mask in masks)])
    p = subject.probabilities(blended)
    total = sum(max(gain, 0) * grid for gain, grid in zip(p[1:] - p[0], M, strict=True))
    stretched = np.maximum(_stretched(total), 0)
    return (stretched - stretched.min()) / max(np.ptp(stretched), 1e-30)


def _mask(grid):
    stretched = tf.image.resize(grid[None, ..., None], (SIZE, SIZE)).numpy()
    return (stretched - stretched.min()) / np.ptp(stretched)


def _stretched(grid):
    return cv2.resize(grid.astype(np.float32), (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)


def _laid_out(tensor):
    """Tokens of patches of 6 x 6, behind those for the whole image, as a feature map; what is one already, as it is."""
    return tensor if tensor.ndim == 4 else tensor[:, -64:].reshape(-1, 8, 8, tensor.shape[-1])
