"""Excitation backprop: who excited the class? Probability that is handed down from the score, layer by layer.

Zhang et al., "Top-down neural attention by excitation backprop", 2018. https://arxiv.org/abs/1608.00507

A score wins; which of its inputs made it win? Give the class the mass 1. A unit i hands its mass p_i down to the units
j that excite it, in proportion to what each contributes, activation times weight; weights below 0 inhibit, and get
nothing:

    p'_j = Σ_i p_i · x_j w⁺_ij / Σ_k x_k w⁺_ik,    w⁺ = max(w, 0),  x >= 0

So mass is neither made nor lost, and p'_j is the probability that a walk down from the class comes to unit j. The map
is the mass of each place of a layer, summed over the channels.

Many units excite any class. The contrastive map asks for those that excite this one rather than the others: the walk is
done once more from a class "everything but this", whose weights are those of the class with the sign changed, and

    M = max(p − p_contrast, 0)

After global average pooling and one dense layer the mass at the last feature map has a closed form. With x_k the mean
of map A_k and q_k ∝ w⁺_kc x_k, of sum 1, it is Σ_k q_k A_k / Σ A_k: `cam` with the positive weights alone.

The rule needs values x >= 0. It goes down to the image in networks of convolutions, ReLUs, poolings and skip
connections; batch normalisation counts as a scale and a bias. Linear bottlenecks, swish and gelu give values below 0,
denominators vanish, and what is handed down is no probability any more. There the walk ends at the last feature map,
with what comes after it taken as one linear function of the values above 0.
"""

import numpy as np

from tp_visualisation import steps
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image
from tp_visualisation.labels import PREDICTED, Target, class_indices
from tp_visualisation.later import engines, tf
from tp_visualisation.maps import SaliencyMap
from tp_visualisation.saliency.flat import not_flat
from tp_visualisation.saliency.registry import Batch, Sizes, of_sizes

BATCH_SIZE = 8
INPUT = "input"


def excitation_backprop(
    classifier: Classifier, image: Image, target: Target = None, *, layer: str | None = None, contrastive: bool = False
) -> SaliencyMap:
    """Return the excitation backprop map of one image.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.
        layer: name of the layer to which mass is handed down; None for the last feature map, after its activation,
            which any network has; "input" for the image itself, whose excitation is what it has more than a black
            one. Both "input" and earlier layers need a network of ReLUs whose weighted sums read nothing below 0.
        contrastive: take away what excites everything but the class.

    Returns:
        float32 array (H, W), values >= 0: probability. It sums to the mass that reaches the layer: 1 at one that all
        of the network passes through, less what ends in units on the way that only their bias excites. The contrastive
        map sums to what is left. Zeros where nothing excites the class.

    Raises:
        ValueError: `image` or `target` is not as above, `layer` does not exist, or the rule does not hold down to it,
            and the message says where.
    """
    classifier, image, target = classifier.check(image, target)
    grids, _ = _excitation_backprop(classifier, classifier.prepare(image), target, layer, contrastive)
    (saliency_map,) = _stretched(grids, [image.shape[:2]], classifier.input_size)
    return saliency_map if layer == INPUT else not_flat(saliency_map, image, classifier, layer)


def excitation_backprop_batch(
    classifier: Classifier,
    images: np.ndarray,
    target=PREDICTED,
    *,
    layer: str | None = None,
    contrastive: bool = False,
    sizes: Sizes = None,
) -> Batch:
    """Return the `excitation_backprop` maps of images (N, h, w, 3) at the network's input size."""
    targets = np.broadcast_to(target, len(images))
    parts = [slice(start, start + BATCH_SIZE) for start in range(0, len(images), BATCH_SIZE)]
    pairs = [
        _excitation_backprop(classifier, classifier.prepare(images[part]), targets[part], layer, contrastive)
        for part in parts
    ]
    grids, scores = (np.concatenate(arrays) for arrays in zip(*pairs, strict=True))
    return Batch(_stretched(grids, sizes, classifier.input_size), scores)


def _excitation_backprop(classifier, x, target, layer, contrastive):
    """Mass on the grid of the layer (N, rows, columns), and scores, from the network's inputs x (N, h, w, C)."""
    n, is_input = len(x), layer == INPUT
    layer = INPUT if is_input else classifier.feature_layer(layer)
    targets = class_indices(target, n, classifier.output_shape)
    if is_input:  # a black image comes last
        x = np.concatenate([x, classifier.prepare(np.zeros((*classifier.input_size, 3), np.float32))])
        targets = np.append(targets, targets[-1])
    is_last = not is_input and layer == classifier.feature_layer()
    options = {"layer": layer, "is_last": is_last, "contrastive": bool(contrastive)}
    p, lowest, scores = classifier.run_backward(_step, x, targets, **options)
    if lowest < -1e-3:
        raise ValueError(
            "excitation backprop goes down to the image only where black is the least that a network sees, and this "
            "one's preprocessing turns the image around: leave layer=None, or name a layer."
        )
    return np.maximum(p[:n], 0), scores[:n]


def _step(network, x, targets, layer, is_last, contrastive):
    scores, A = (network.scores(x), x) if layer == INPUT else network.scores_and_activations(x, layer)
    try:
        p, lowest = engines.excitation(scores, targets, A, x, contrastive)
        p = network.lay_out(p, layer)
    except engines.NoRule as reason:
        if not is_last:
            raise ValueError(
                f'excitation backprop does not go down to the layer "{layer}" in this network: {reason}. Leave '
                "layer=None, the last feature map, which any network has."
            ) from reason
        both = A, steps.gradient_of_class(scores, targets, A)
        p, lowest = engines.linear_excitation(*(network.lay_out(tensor, layer) for tensor in both), contrastive)
    return tf.reduce_sum(p, axis=-1), lowest, scores


def _stretched(grids, sizes, input_size):
    """Maps of the mass of grids (N, rows, columns): a list of those with the given sizes, or at the input size."""
    maps = of_sizes(grids, sizes, input_size)
    for saliency_map, grid in zip(maps, grids, strict=True):
        total = saliency_map.sum(dtype=np.float64)
        saliency_map *= grid.sum(dtype=np.float64) / total if total > 0 else 0
    return maps
