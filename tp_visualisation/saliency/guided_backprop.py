"""Guided backpropagation: a gradient that keeps only what speaks for the class, at every ReLU.

Springenberg et al., "Striving for simplicity: the all convolutional net", 2015. https://arxiv.org/abs/1412.6806

Backward through y = ReLU(x), the gradient g passes where the input was positive. Guided backpropagation lets it pass
only where it is positive too:

    gradient:   ∂S/∂x = [x > 0] g
    guided:         R = [x > 0] [g > 0] g

For ReLU6, whose output stops at 6, [0 < x < 6] stands for [x > 0], and for a ReLU with another threshold or ceiling
what lies between them; leaky ReLUs, those with learned slopes (PReLU) too, are treated as ReLUs. Other activations
beside them keep their gradient. From the last ReLU down, nothing negative is left to cancel anything: the maps are
sharp, but they hardly depend on the class or on the weights of the last layers (Adebayo et al., "Sanity checks for
saliency maps", 2018. https://arxiv.org/abs/1810.03292). Look at them for what the network can see, not for why it
answers.
"""

import numpy as np

from tp_visualisation import steps
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, resize
from tp_visualisation.labels import PREDICTED, Target, class_indices
from tp_visualisation.later import engines
from tp_visualisation.maps import SaliencyMap, largest_of_channels
from tp_visualisation.saliency.registry import Batch, Sizes, of_sizes


def guided_backprop(classifier: Classifier, image: Image, target: Target = None) -> SaliencyMap:
    """Return the guided backpropagation map of one image.

    Args:
        classifier: `Classifier` under study; its activations must be ReLUs (ReLU6, leaky ones and PReLU included).
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.

    Returns:
        float32 array (H, W), values >= 0: the largest |R| over the channels, in score units per grey
        level of the image as the network sees it. Not normalised.

    Raises:
        ValueError: `image` or `target` is not as above, or the network has no ReLU.
    """
    classifier, image, target = classifier.check(image, target)
    resized = resize(image, classifier.input_size)
    return guided_backprop_batch(classifier, resized[None], target, sizes=[image.shape[:2]]).saliency_maps[0]


def guided_backprop_batch(
    classifier: Classifier, images: np.ndarray, target=PREDICTED, *, sizes: Sizes = None
) -> Batch:
    """Return the guided backpropagation maps of images (N, h, w, 3) at the network's input size."""
    targets = class_indices(target, len(images), classifier.output_shape)
    scores, r = classifier.run_backward(_guided_gradient, np.asarray(images, np.float32), targets)  # r: (N, h, w, 3)
    return Batch(of_sizes(largest_of_channels(r), sizes, classifier.input_size), scores)


def _guided_gradient(network, images, targets):
    with engines.guided_relus():
        scores, r = steps.image_gradient(network, images, targets)
    if not engines.has_relus():
        raise ValueError(
            "guided backpropagation needs a network with ReLU activations (ReLU, ReLU6, LeakyReLU), and this one has "
            "none: use the gradient or SmoothGrad instead."
        )
    return scores, r
