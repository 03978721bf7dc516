"""FGSM: one step of the same size in every pixel, the way the loss rises fastest.

Goodfellow, Shlens and Szegedy, "Explaining and harnessing adversarial examples", 2015. https://arxiv.org/abs/1412.6572

With the cross-entropy J(x, c) = -log p_c(x) of the class c that the network predicts,

    x' = x + ε sign(∂J(x, c)/∂x)

and towards a target t, x' = x - ε sign(∂J(x, t)/∂x). Of all changes of at most ε it is the worst one for a network
that is linear: high dimension alone makes small changes add up.
"""

import numpy as np

from tp_visualisation.adversarial.example import AdversarialExample
from tp_visualisation.adversarial.search import Images, attacked, check_epsilon
from tp_visualisation.classifier import Classifier
from tp_visualisation.labels import Target


def fgsm(
    classifier: Classifier,
    image: Images,
    target: Target = None,
    *,
    epsilon: float = 4,
    batch_size: int | None = None,
    progress: bool = False,
) -> AdversarialExample | list[AdversarialExample]:
    """Move every pixel by ε against what the network sees, in one step.

    Args:
        classifier: `Classifier` to fool.
        image: RGB in [0, 255], (H, W, 3), rounded to whole grey levels; or a batch or list of
            images. Left unchanged.
        target: class to reach: index, label or WordNet id; None to leave the predicted class for any other.
        epsilon: ε, the change of each pixel, in grey levels, from 1 to 255 since the result has 8 bits.
        batch_size: images attacked together; bounds the memory and does not change the result.
            None for 8, or on a GPU for what its memory holds.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        `AdversarialExample`; a list of them for several images. One step need not be enough:
        `success` tells.

    Raises:
        ValueError: an argument is not as above, or an image is already predicted as the target.
    """
    check_epsilon(epsilon)

    def attack(search):
        search.climb(lambda x, g, _: x + epsilon * np.sign(g), 1, objective="log_probability")

    return attacked(classifier, image, target, attack, name="FGSM", n_steps=1, batch_size=batch_size, progress=progress)
