"""Images written as waves: the parameterisation that makes class visualisation work on modern networks.

Olah, Mordvintsev and Schubert, "Feature visualization", Distill, 2017. https://doi.org/10.23915/distill.00007

Ascent in pixels finds patterns of high frequency, which networks react to and eyes do not. Photographs are different:
the amplitude of their waves falls as 1/f, and their three colours rise and fall together. So the image is written as

    I = 255 · sigmoid( C · irfft2(z / f) )

and the climb moves the spectrum z: a step changes coarse shapes more than fine ones, and brightness more than hue. The
columns of C are the principal axes of the colours of photographs, brightness, blue to yellow, green to magenta, each as
long as its standard deviation; those below were measured on the twenty sample images.
"""

import numpy as np

from tp_visualisation.images import Image, Size
from tp_visualisation.later import tf

_COLOURS = np.array([[0.556, -0.175, 0.107], [0.580, -0.046, -0.159], [0.595, 0.208, 0.055]], np.float32)
_CONTRAST = 0.25  # of the waves before the sigmoid: z of size 1 then gives photographs' contrast


class Fourier:
    """An image as a spectrum z, moved by Adam (Kingma and Ba 2015, https://arxiv.org/abs/1412.6980).

    What its attributes and methods are for is said by `parameterisations.Parameterisation`.
    """

    step_size = 0.05
    rotation = 10.0
    zoom = 0.15
    variable: np.ndarray
    constants: tuple[np.ndarray, ...]

    def __init__(self, image: Image, step_size: float) -> None:
        """Begin at an RGB image (h, w, 3) in [0, 255]; black and white are brought to 1 % from the ends."""
        height, width = image.shape[:2]
        f = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
        amplitudes = _CONTRAST * np.sqrt(height * width) / np.maximum(f, 1 / max(height, width))
        self.constants = amplitudes.astype(np.float32), np.array([height, width], np.int32)
        self.f = f

        p = np.clip(image / 255, 0.01, 0.99)
        waves = np.log(p / (1 - p)) @ np.linalg.inv(_COLOURS).T
        spectrum = np.fft.rfft2(waves, axes=(0, 1)) / amplitudes[..., None]
        self.variable = np.stack([spectrum.real, spectrum.imag]).astype(np.float32)  # (2, h, w // 2 + 1, 3)

        self.step_size = step_size
        self.n_moves = 0
        self.mean = self.square = np.zeros_like(self.variable)

    @classmethod
    def noise(cls, size: Size, rng: np.random.Generator, step_size: float) -> "Fourier":
        """Begin at grey, with a little of every wave."""
        start = cls(np.full((*size, 3), 127.5), step_size)
        start.variable = rng.normal(0, 0.01, start.variable.shape).astype(np.float32)
        return start

    @property
    def image(self) -> Image:
        """The image, float32 (h, w, 3) in [0, 255]."""
        return self.decode(tf.constant(self.variable), [tf.constant(array) for array in self.constants]).numpy()[0]

    @staticmethod
    def decode(variable, constants):
        """Spectrum (2, h, w // 2 + 1, 3) → image (1, h, w, 3), in TensorFlow operations."""
        amplitudes, size = constants
        spectrum = tf.complex(variable[0], variable[1]) * tf.cast(amplitudes, tf.complex64)[..., None]
        waves = tf.signal.irfft2d(tf.transpose(spectrum, [2, 0, 1]), size)  # (3, h, w)
        colours = tf.einsum("khw,ck->hwc", waves, _COLOURS)
        return 255 * tf.sigmoid(tf.ensure_shape(colours, [None, None, 3]))[None]

    def move(self, g: np.ndarray) -> None:
        """One step up the gradient g of z."""
        self.n_moves += 1
        self.mean = 0.9 * self.mean + 0.1 * g
        self.square = 0.999 * self.square + 0.001 * g**2
        mean, square = self.mean / (1 - 0.9**self.n_moves), self.square / (1 - 0.999**self.n_moves)
        self.variable = (self.variable + self.step_size * mean / (np.sqrt(square) + 1e-8)).astype(np.float32)

    def blur(self, sigma: float) -> None:
        """Gaussian blur of the waves: each is multiplied by exp(−2 π² σ² f²)."""
        self.variable *= np.exp(-2 * (np.pi * sigma * self.f) ** 2).astype(np.float32)[..., None]
