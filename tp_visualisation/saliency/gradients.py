"""Gradient saliency, and gradient × input: two readings of one backward pass.

Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks: visualising image classification models and
saliency maps", 2014. https://arxiv.org/abs/1312.6034
Shrikumar et al., "Not just a black box: learning important features through propagating activation differences", 2016.
https://arxiv.org/abs/1605.01713

Near an image I, the score of a class is about linear: S_c(I) ≈ w·I + b, with w = ∂S_c/∂I. The gradient map asks how
fast the score moves with each pixel; gradient × input asks what each pixel adds to the linear score, with its sign:

    gradient:          M_ij = max over the channels k of |w_ijk|
    gradient × input:  M_ij = Σ_k w_ijk x_ijk

The second one depends on where zero is: x is the network's own input, after preprocessing.
"""

import numpy as np

from tp_visualisation import steps
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, resize
from tp_visualisation.labels import PREDICTED, Target, class_indices
from tp_visualisation.maps import SaliencyMap, largest_of_channels
from tp_visualisation.saliency.registry import Batch, Sizes, of_sizes


def gradient(classifier: Classifier, image: Image, target: Target = None) -> SaliencyMap:
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
    classifier, image, target = classifier.check(image, target)
    resized = resize(image, classifier.input_size)
    return gradient_batch(classifier, resized[None], target, sizes=[image.shape[:2]]).saliency_maps[0]


def gradient_batch(classifier: Classifier, images: np.ndarray, target=PREDICTED, *, sizes: Sizes = None) -> Batch:
    """Return the gradient maps of images (N, h, w, 3) at the network's input size, of one class or one each."""
    targets = class_indices(target, len(images), classifier.output_shape)
    scores, g = classifier.run_backward(steps.image_gradient, np.asarray(images, np.float32), targets)
    return Batch(of_sizes(largest_of_channels(g), sizes, classifier.input_size), scores)


def gradient_times_input(classifier: Classifier, image: Image, target: Target = None) -> SaliencyMap:
    """Return the gradient × input map of one image.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.

    Returns:
        float32 array (H, W), signed, in score units: what each pixel of the network's input adds to
        the linear approximation of the score. Not normalised.

    Raises:
        ValueError: `image` or `target` is not as above.
    """
    classifier, image, target = classifier.check(image, target)
    resized = resize(image, classifier.input_size)
    return gradient_times_input_batch(classifier, resized[None], target, sizes=[image.shape[:2]]).saliency_maps[0]


def gradient_times_input_batch(
    classifier: Classifier, images: np.ndarray, target=PREDICTED, *, sizes: Sizes = None
) -> Batch:
    """Return the gradient × input maps of images (N, h, w, 3) at the network's input size, of one class or one each."""
    x = classifier.prepare(images)
    scores, g = classifier.input_scores_and_gradient(x, target)
    return Batch(of_sizes((g * x).sum(axis=-1), sizes, classifier.input_size), scores)
