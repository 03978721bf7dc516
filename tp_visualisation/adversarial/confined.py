"""Confined attacks: change what the network looks at, and leave the rest alone.

Jalwana et al., "CAMERAS: enhanced resolution and sanity preserving class activation mapping for image saliency", 2021,
section 5. https://arxiv.org/abs/2106.10649

Projected gradient descent on the perturbation p of an image I, with a penalty outside a saliency map Ψ in [0, 1]:

    minimise over p:  J(I + p, t) + β ‖p ⊙ (1 - Ψ)‖₂

where J is the cross-entropy and t the class that the network finds least likely. If the map shows what matters, the
same confidence in t costs a smaller perturbation. The paper does not state its units, steps and norm. Ours: p counts
in units of 255 grey levels, ‖·‖₂ is the root mean square (so that β means the same at every size), steps go by the
sign of the gradient, and β is halved whenever ten steps have brought the image no nearer to t: the gradient of J fades
as the confidence grows, and a constant penalty would hold it back for ever.
"""

import numpy as np

from tp_visualisation.adversarial.search import attacked
from tp_visualisation.images import minmax
from tp_visualisation.names import find_name


def confined_attack(classifier, image, target=None, *, saliency_map=None, method="cameras", beta=50.0,
                    confidence=0.9999, step_size=1.0, n_steps=200):  # fmt: skip
    """Make the network sure of a wrong class while changing mostly what a saliency map points at.

    Args:
        classifier: `Classifier` to fool.
        image: RGB in [0, 255], (H, W, 3), rounded to whole grey levels; or a batch or list of
            images. Left unchanged.
        target: class to reach: index, label or WordNet id; None for the least likely class.
        saliency_map: array (H, W) that confines the perturbation, for one image; used after
            (map - min)/(max - min). None computes one with `method`.
        method: name in `tp_visualisation.saliency.METHODS`; the map is that of the predicted class.
        beta: β, the weight of the penalty; 0 does not confine.
        confidence: probability of the target at which the attack stops.
        step_size: how far each step moves every pixel, in grey levels.
        n_steps: steps at most.

    Returns:
        `AdversarialExample`; a list of them for several images. Where the confidence is not
        reached, `success` is False and the image is the best try.

    Raises:
        ValueError: an argument is not as above, or an image is already predicted as the target.
    """
    from tp_visualisation.saliency import METHODS  # here, so that the other attacks load no saliency method

    _check(saliency_map, image, beta, step_size, n_steps)
    explain = METHODS[find_name(method, METHODS, "method")]
    target = "least likely" if target is None else target

    def attack(search):
        original = search.originals[0]
        outside = 0.0
        if beta > 0:
            given = explain(classifier, original) if saliency_map is None else _checked(saliency_map, original)
            outside = (1 - minmax(given))[..., None]  # 1 - Ψ, (H, W, 1)

        weight = Weight(beta)

        def move(x, g, _):
            p = (x - original) / 255
            rms = np.sqrt(np.mean((p * outside) ** 2, dtype=np.float64))
            penalty = weight.after(search.margins[0]) * outside**2 * p / max(255 * p.size * rms, 1e-12)
            return x + step_size * np.sign(g - penalty)

        search.climb(move, n_steps, objective="log_probability")

    return attacked(classifier, image, target, attack, confidence=confidence, batch_size=1)


class Weight:
    """β, halved whenever `patience` steps have passed without a better margin."""

    def __init__(self, beta, patience=10):
        self.beta, self.patience = beta, patience
        self.best, self.waited = -np.inf, 0

    def after(self, margin):
        """Return β for the next step, given the best margin so far."""
        self.waited = 0 if margin > self.best else self.waited + 1
        if self.waited == self.patience:
            self.beta, self.waited = self.beta / 2, 0
        self.best = margin
        return self.beta


def _checked(saliency_map, image):
    saliency_map = np.asarray(saliency_map, np.float32)
    if saliency_map.shape != image.shape[:2]:
        raise ValueError(f"saliency_map must have the image's size {image.shape[:2]}, got {saliency_map.shape}.")
    if not np.isfinite(saliency_map).all():
        raise ValueError("saliency_map holds NaN or infinite values.")
    return saliency_map


def _check(saliency_map, image, beta, step_size, n_steps):
    if saliency_map is not None and getattr(image, "ndim", 4) != 3:
        raise ValueError("saliency_map is the map of one image: give one image, or the name of a method.")
    if not 0 <= beta < np.inf:
        raise ValueError(f"beta must be at least 0, got {beta}.")
    if not step_size > 0:
        raise ValueError(f"step_size must be greater than 0, got {step_size}.")
    if n_steps < 1:
        raise ValueError(f"n_steps must be at least 1, got {n_steps}.")
