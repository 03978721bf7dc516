"""Images written as waves: the parameterisation that makes class visualisation work on modern networks.

Olah, Mordvintsev and Schubert, "Feature visualization", Distill, 2017. https://doi.org/10.23915/distill.00007

Ascent in pixels finds patterns of high frequency, which networks react to and eyes do not. Photographs are different:
the amplitude of their waves falls as 1/f, and their three colours go together. So the image is written as

    I = 255 · sigmoid( C · irfft2(z / f) )

and the climb is on the spectrum z: one step moves coarse shapes most, and brightness more than hue. The columns of C
are the principal axes of the colours of photographs, brightness, blue to yellow, green to magenta, each as long as its
standard deviation; those below were measured on the twenty sample images.
"""

import numpy as np
import tensorflow as tf

COLOURS = np.array(
    [
        [0.556, -0.175, 0.107],
        [0.580, -0.046, -0.159],
        [0.595, 0.208, 0.055],
    ],
    np.float32,
)
CONTRAST = 0.25  # of the waves before the sigmoid: z of size 1 then gives photographs' contrast


class Fourier:
    """An image as a spectrum z, climbed with Adam (Kingma and Ba 2015, https://arxiv.org/abs/1412.6980)."""

    learning_rate = 0.05

    def __init__(self, image, learning_rate):
        """Begin at an RGB image (h, w, 3) in [0, 255]; black and white are brought to 1 % from the ends."""
        height, width = image.shape[:2]
        f = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
        amplitudes = CONTRAST * np.sqrt(height * width) / np.maximum(f, 1 / max(height, width))
        self.constants = amplitudes.astype(np.float32), np.int32([height, width])
        self.f = f

        p = np.clip(image / 255, 0.01, 0.99)
        waves = np.log(p / (1 - p)) @ np.linalg.inv(COLOURS).T
        spectrum = np.fft.rfft2(waves, axes=(0, 1)) / amplitudes[..., None]
        self.variable = np.stack([spectrum.real, spectrum.imag]).astype(np.float32)  # (2, h, w // 2 + 1, 3)

        self.learning_rate = learning_rate
        self.n_moves, self.mean, self.square = 0, 0.0, 0.0

    @classmethod
    def noise(cls, size, rng, learning_rate):
        """Begin at grey, with a little of every wave."""
        start = cls(np.full((*size, 3), 127.5), learning_rate)
        start.variable = rng.normal(0, 0.01, start.variable.shape).astype(np.float32)
        return start

    @property
    def image(self):
        """The image, float32 (h, w, 3) in [0, 255]."""
        return self.decode(*map(tf.constant, (self.variable, *self.constants))).numpy()[0]

    @staticmethod
    def decode(z, amplitudes, size):
        """Spectrum (2, h, w // 2 + 1, 3) → image (1, h, w, 3), in TensorFlow operations."""
        spectrum = tf.complex(z[0], z[1]) * tf.cast(amplitudes, tf.complex64)[..., None]
        waves = tf.signal.irfft2d(tf.transpose(spectrum, [2, 0, 1]), size)  # (3, h, w)
        colours = tf.einsum("khw,ck->hwc", waves, COLOURS)
        return 255 * tf.sigmoid(tf.ensure_shape(colours, [None, None, 3]))[None]

    def move(self, g):
        """One step up the gradient g of z."""
        self.n_moves += 1
        self.mean = 0.9 * self.mean + 0.1 * g
        self.square = 0.999 * self.square + 0.001 * g**2
        mean, square = self.mean / (1 - 0.9**self.n_moves), self.square / (1 - 0.999**self.n_moves)
        self.variable = (self.variable + self.learning_rate * mean / (np.sqrt(square) + 1e-8)).astype(np.float32)

    def blur(self, sigma):
        """Gaussian blur of the waves: each is multiplied by exp(−2 π² σ² f²)."""
        self.variable *= np.exp(-2 * (np.pi * sigma * self.f) ** 2).astype(np.float32)[..., None]
