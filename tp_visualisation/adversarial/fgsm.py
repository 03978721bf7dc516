"""FGSM: one step of the same size in every pixel, the way the loss rises fastest.

Goodfellow, Shlens and Szegedy, "Explaining and harnessing adversarial examples", 2015. https://arxiv.org/abs/1412.6572

With the cross-entropy J(x, c) = -log p_c(x) of the class c that the network predicts,

    x' = x + ε sign(∂J(x, c)/∂x)

and towards a target t, x' = x - ε sign(∂J(x, t)/∂x). Of all changes of at most ε it is the worst one for a network
that is linear: high dimension alone makes small changes add up.
"""

import numpy as np

from tp_visualisation.adversarial.search import attacked, check_epsilon


def fgsm(classifier, image, target=None, *, epsilon=4, batch_size=8):
    """Move every pixel by ε against what the network sees, in one step.

    Args:
        classifier: `Classifier` to fool.
        image: RGB in [0, 255], (H, W, 3), rounded to whole grey levels; or a batch or list of
            images. Left unchanged.
        target: class to reach: index, label or WordNet id; None to leave the predicted class for any other.
        epsilon: change of each pixel, in grey levels, at least 1 since the result has 8 bits.
        batch_size: images attacked together; does not change the result.

    Returns:
        `AdversarialExample`; a list of them for several images. One step need not be enough:
        `success` tells.

    Raises:
        ValueError: an argument is not as above, or an image is already predicted as the target.
    """
    epsilon = check_epsilon(epsilon)

    def attack(search):
        search.climb(lambda x, g, _: x + epsilon * np.sign(g), 1, objective="log_probability")

    return attacked(classifier, image, target, attack, batch_size=batch_size)
