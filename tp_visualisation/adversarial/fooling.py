"""Fooling images: climb the score of another class until the network predicts it.

Szegedy et al., "Intriguing properties of neural networks", 2014. https://arxiv.org/abs/1312.6199

From an image x that the network sees as class i, towards a class j of one's choice:

    x ← x + η g/‖g‖₂,   g = ∂S_j/∂x

until j is predicted. The changes are too small to be seen, and j can be anything.
"""

from tp_visualisation.adversarial.search import attacked, normalised


def fool(classifier, image, target, *, learning_rate=64.0, max_iterations=100, confidence=0.0, batch_size=8):
    """Make the network see an image as the class of one's choice.

    Args:
        classifier: `Classifier` to fool.
        image: RGB in [0, 255], (H, W, 3), rounded to whole grey levels; or a batch or list of
            images. Left unchanged.
        target: class to reach: index, label or WordNet id.
        learning_rate: η, the norm of each step over all pixels and channels, in grey levels. Steps
            of 64 change a 224 x 224 image by 0.16 grey levels in root mean square; smaller ones
            change the image less in the end and take longer.
        max_iterations: steps at most.
        confidence: go on until the target has at least this probability; 0 stops at the first
            image that is predicted as the target.
        batch_size: images attacked together; does not change the result.

    Returns:
        `AdversarialExample`; a list of them for several images. Where the target is not reached,
        `success` is False and the image is the best try.

    Raises:
        ValueError: an argument is not as above, or an image is already predicted as the target.
    """
    if target is None:
        raise ValueError('fool needs a target, the class to reach, such as "stingray".')
    if not learning_rate > 0:
        raise ValueError(f"learning_rate must be greater than 0, got {learning_rate}.")
    if max_iterations < 1:
        raise ValueError(f"max_iterations must be at least 1, got {max_iterations}.")

    def attack(search):
        search.climb(lambda x, g, _: x + learning_rate * normalised(g), max_iterations, objective="score")

    return attacked(classifier, image, target, attack, confidence=confidence, batch_size=batch_size)
