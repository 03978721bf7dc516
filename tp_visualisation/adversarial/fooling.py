"""Fooling images: climb the score of another class until the network predicts it.

Szegedy et al., "Intriguing properties of neural networks", 2014. https://arxiv.org/abs/1312.6199

From an image x that the network sees as class i, towards a class j of one's choice:

    x ← x + η g/‖g‖₂,   g = ∂S_j/∂x

until j is predicted. The changes are too small to be seen, and j can be anything.
"""

from tp_visualisation.adversarial.example import AdversarialExample
from tp_visualisation.adversarial.search import Images, attacked, normalised
from tp_visualisation.checks import check_number
from tp_visualisation.classifier import Classifier


def fool(
    classifier: Classifier,
    image: Images,
    target: int | str,
    *,
    n_steps: int = 100,
    step_size: float = 64.0,
    min_probability: float = 0.0,
    batch_size: int | None = None,
    progress: bool = False,
) -> AdversarialExample | list[AdversarialExample]:
    """Make the network see an image as the class of one's choice.

    Args:
        classifier: `Classifier` to fool.
        image: RGB in [0, 255], (H, W, 3), rounded to whole grey levels; or a batch or list of
            images. Left unchanged.
        target: class to reach: index, label or WordNet id.
        n_steps: steps at most; the attack stops at the first one whose image fools.
        step_size: η, the norm of each step over all pixels and channels, in grey levels. Steps
            of 64 change a 224 x 224 image by 0.16 grey levels in root mean square; smaller ones
            change the image less in the end and take longer.
        min_probability: go on until the target has at least this probability; 0 stops at the first
            image that is predicted as the target.
        batch_size: images attacked together; bounds the memory and does not change the result.
            None for 8, or on a GPU for what its memory holds.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        `AdversarialExample`; a list of them for several images. Where the target is not reached,
        `success` is False and the image is the best try.

    Raises:
        ValueError: an argument is not as above, or an image is already predicted as the target.
    """
    if target is None:
        raise ValueError('fool needs a target, the class to reach, such as "stingray".')
    check_number("(0, inf)", step_size=step_size)

    def attack(search):
        search.climb(lambda x, g, _: x + step_size * normalised(g), n_steps, objective="score")

    return attacked(
        classifier,
        image,
        target,
        attack,
        name="fool",
        n_steps=n_steps,
        min_probability=min_probability,
        batch_size=batch_size,
        progress=progress,
    )
