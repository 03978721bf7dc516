"""How an image is written while a class is drawn, and how one step moves it: as pixels, or as waves (see `fourier`).

A new way is a class with what `Parameterisation` asks for and a line in `PARAMETERISATIONS`.
"""

from typing import Protocol

import cv2
import numpy as np

from tp_visualisation.class_model.fourier import Fourier
from tp_visualisation.images import Image, Size


class Parameterisation(Protocol):
    """What a climb asks of the image that it draws.

    Attributes:
        step_size: η, in a unit of its own; on the class, the default.
        rotation: by how many degrees each step turns the image, unless the caller says otherwise.
        zoom: by which fraction each step makes it larger or smaller, unless the caller says otherwise.
        variable: array that the climb takes the gradient for.
        constants: the other arrays that `decode` needs.
    """

    step_size: float
    rotation: float
    zoom: float
    variable: np.ndarray
    constants: tuple[np.ndarray, ...]

    def __init__(self, image: Image, step_size: float) -> None:
        """Begin at an RGB image (h, w, 3) in [0, 255]."""

    @classmethod
    def noise(cls, size: Size, rng: np.random.Generator, step_size: float) -> "Parameterisation":
        """Begin at an image of size (h, w) that shows nothing yet."""

    @property
    def image(self) -> Image:
        """The image drawn so far, float32 (h, w, 3) in [0, 255], in an array of its own."""

    @staticmethod
    def decode(variable, constants):
        """Return the image (1, h, w, 3) of `variable` and `constants`, in TensorFlow operations."""

    def move(self, g: np.ndarray) -> None:
        """Take one step up the gradient g of `variable`."""

    def blur(self, sigma: float) -> None:
        """Blur the image, with a Gaussian of standard deviation `sigma`, in pixels."""


class Pixels:
    """An image as its grey levels, moved by steps of norm η."""

    step_size = 1500.0
    rotation = 0.0
    zoom = 0.0
    variable: np.ndarray
    constants: tuple[np.ndarray, ...] = ()

    def __init__(self, image: Image, step_size: float) -> None:
        self.variable, self.step_size = image[None].astype(np.float32), step_size

    @classmethod
    def noise(cls, size: Size, rng: np.random.Generator, step_size: float) -> "Pixels":
        """Begin at mid-grey with Gaussian noise of 10 grey levels."""
        return cls(np.clip(rng.normal(127.5, 10, (*size, 3)), 0, 255), step_size)

    @property
    def image(self) -> Image:
        """The image, float32 (h, w, 3) in [0, 255]."""
        return self.variable[0].copy()

    @staticmethod
    def decode(variable, constants):
        """Images (1, h, w, 3) as they are."""
        return variable

    def move(self, g: np.ndarray) -> None:
        """I ← I + η g/‖g‖₂, kept in [0, 255]."""
        norm = np.linalg.norm(g.astype(np.float64))
        if norm > 0:
            self.variable = np.clip(self.variable + self.step_size * (g / norm), 0, 255).astype(np.float32)

    def blur(self, sigma: float) -> None:
        """Gaussian blur of the grey levels."""
        self.variable = cv2.GaussianBlur(self.image, (0, 0), sigma)[None]


PARAMETERISATIONS: dict[str, type[Parameterisation]] = {"fourier": Fourier, "pixels": Pixels}
