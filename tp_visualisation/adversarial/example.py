"""What an attack gives back, and two questions to ask of it: does it fool another network, does it survive JPEG?"""

import io
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import PIL.Image

from tp_visualisation.checks import check_integer
from tp_visualisation.classifier import Classifier, Prediction
from tp_visualisation.files import replacing
from tp_visualisation.images import Image, load_image
from tp_visualisation.names import counted


class AdversarialExample(NamedTuple):
    """An image that fools a classifier, or the best try.

    Attributes:
        image: uint8 (H, W, 3), so that a PNG of it holds the same pixels.
        perturbation: float32 (H, W, 3), `image` minus the original, whole grey levels.
        l2: Euclidean norm of `perturbation`, in grey levels, over all pixels and channels.
        linf: its largest absolute value, in grey levels.
        original_top: the original's five most probable classes, a tuple of `Prediction`.
        adversarial_top: those of `image`.
        target: the class aimed at, as `Prediction` for `image`; None where any other class would do.
        n_steps: gradient steps taken.
        success: the classifier predicts the target for `image` (without target: another class than before).
        reason: why the attack gave up; empty on success.
    """

    image: Image
    perturbation: np.ndarray
    l2: float
    linf: float
    original_top: tuple[Prediction, ...]
    adversarial_top: tuple[Prediction, ...]
    target: Prediction | None
    n_steps: int
    success: bool
    reason: str

    @property
    def original(self) -> Prediction:
        """What the classifier sees in the original."""
        return self.original_top[0]

    @property
    def adversarial(self) -> Prediction:
        """What it sees in `image`."""
        return self.adversarial_top[0]

    @property
    def original_image(self) -> Image:
        """The image attacked, uint8 (H, W, 3)."""
        return (self.image - self.perturbation).astype(np.uint8)

    def save(self, path: str | os.PathLike) -> None:
        """Write `image` to a PNG file, which keeps every pixel: `load_image` gives it back.

        Raises:
            ValueError: the suffix is not .png.
            OSError: the folder does not exist or cannot be written.
        """
        if Path(path).suffix.lower() != ".png":
            raise ValueError(
                f'cannot write "{path}": an adversarial image is saved as .png, since other formats may change its '
                "pixels (survives_jpeg tells whether it would still fool as JPEG)."
            )
        with replacing(path) as temporary:
            PIL.Image.fromarray(self.image).save(temporary, format="PNG")

    def __repr__(self):
        outcome = f"in {counted(self.n_steps, 'step')}" if self.success else f"failed: {self.reason}"
        return (
            f"AdversarialExample({self.original.label} {self.original.probability:.2f} -> {self.adversarial.label} "
            f"{self.adversarial.probability:.2f}, {outcome}, l2={self.l2:.1f}, linf={self.linf:.0f} grey levels)"
        )


class Verdict(NamedTuple):
    """Whether an example still fools, and what is now seen in its original and in the adversarial image."""

    fooled: bool
    original: Prediction
    adversarial: Prediction


def transfer(example: AdversarialExample, classifier: Classifier) -> Verdict:
    """Show an adversarial example to another classifier than the one it was made for.

    Args:
        example: `AdversarialExample`.
        classifier: the other `Classifier`.

    Returns:
        `Verdict`. It is fooled if it predicts another class than for the original: the target if
        there was one, found among its classes by WordNet id or label.

    Raises:
        ValueError: the classifier does not know the target.
    """
    return _verdict(example, classifier, example.original_image, example.image)


def survives_jpeg(example: AdversarialExample, classifier: Classifier, quality: int = 75) -> Verdict:
    """Ask whether an adversarial example still fools after JPEG compression, the cheapest defence.

    Args:
        example: `AdversarialExample`.
        classifier: `Classifier` it was made for, or another one.
        quality: JPEG quality, integer in [1, 100], as Pillow and most cameras count it.

    Returns:
        `Verdict`, on the original and the adversarial image both compressed; `fooled` as in `transfer`.

    Raises:
        ValueError: `quality` is not as above, or the classifier does not know the target.
    """
    check_integer("[1, 100]", quality=quality)
    return _verdict(example, classifier, _jpeg(example.original_image, quality), _jpeg(example.image, quality))


def _verdict(example, classifier, original_image, image):
    target = None if example.target is None else _same_class(classifier, example.target)
    original, adversarial = (classifier.top(seen, k=1)[0] for seen in (original_image, image))
    fooled = adversarial.index != original.index and target in (None, adversarial.index)
    return Verdict(fooled, original, adversarial)


def _same_class(classifier, prediction):
    known = prediction.wnid is not None and any(entry.wnid == prediction.wnid for entry in classifier.labels)
    return classifier.class_index(prediction.wnid if known else prediction.label)


def _jpeg(image, quality):
    stream = io.BytesIO()
    PIL.Image.fromarray(image).save(stream, format="JPEG", quality=int(quality))
    return load_image(stream.getvalue())
