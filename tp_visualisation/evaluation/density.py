"""Map density: how much of the class probability does a map keep, for the area that it covers?

Jalwana et al., "CAMERAS: enhanced resolution and sanity preserving class activation mapping for image saliency", 2021.
https://arxiv.org/abs/2106.10649

With a map Ψ in [0, 1], multiplied with the network's own input x (after preprocessing, so that 0 hides a pixel):

    ρ⁺ = p_c(x ⊙ Ψ) / mean(Ψ)                higher is better: a small map that keeps the class
    ρ⁻ = p_c(x ⊙ (1 − Ψ)) / mean(1 − Ψ)      lower is better: little of the class is left outside the map
"""

from typing import NamedTuple

import numpy as np

from tp_visualisation.classifier import Classifier
from tp_visualisation.evaluation.judged import Judged
from tp_visualisation.images import Image
from tp_visualisation.labels import Target
from tp_visualisation.maps import SaliencyMap


class MapDensity(NamedTuple):
    """ρ⁺, higher is better, and ρ⁻, lower is better; both >= 0."""

    positive: float
    negative: float


def map_density(classifier: Classifier, image: Image, saliency_map: SaliencyMap, target: Target = None) -> MapDensity:
    """Return ρ⁺ and ρ⁻ of a map, acting on the network's own input.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        saliency_map: array (H, W), raw values: Ψ is its min-max, resized to the network's input size.
        target: class to follow: index, label or WordNet id; None for the predicted class.

    Returns:
        `MapDensity`.

    Raises:
        ValueError: an argument is not as above; the map is of another size, constant or not finite.
    """
    return density_of(Judged(classifier, image, saliency_map, target))


def density_of(subject: Judged) -> MapDensity:
    """Return ρ⁺ and ρ⁻ of an image and a map that were checked before, a `Judged`.

    Raises:
        ValueError: the map is constant at the network's input size.
    """
    psi = subject.scaled_map[..., None]
    target = subject.target
    x = subject.inputs[0]
    kept, hidden = subject.classifier.input_probabilities(np.stack([x * psi, x * (1 - psi)]))[:, target]
    return MapDensity(float(kept / psi.mean()), float(hidden / (1 - psi).mean()))
