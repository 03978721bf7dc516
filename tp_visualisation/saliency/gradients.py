"""Gradient saliency: how fast the class score moves when a pixel does.

Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks: visualising image classification models and
saliency maps", 2014. https://arxiv.org/abs/1312.6034

Near an image I, the score of a class is about linear: S_c(I) ≈ w·I + b, with w = ∂S_c/∂I. The map is
M_ij = max over the channels of |w_ij|.
"""

import numpy as np

from tp_visualisation.images import resize


def gradient(classifier, image, target=None):
    """Return the gradient saliency map of one image.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.

    Returns:
        float32 array (H, W), values >= 0, in score units per grey level of the image as the network
        sees it, resized to its input size. Not normalised.

    Raises:
        ValueError: `image` or `target` is not as above.
    """
    image, target = classifier.check(image, target)
    w = classifier.gradient(resize(image, classifier.input_size)[None], target)[0]  # (h, w, 3)
    return resize(np.abs(w).max(axis=-1), image.shape[:2])
