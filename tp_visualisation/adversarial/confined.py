"""Confined attacks: change what the network looks at, and leave the rest alone.

Jalwana et al., "CAMERAS: enhanced resolution and sanity preserving class activation mapping for image saliency", 2021,
section 5. https://arxiv.org/abs/2106.10649

Projected gradient descent on the perturbation p of an image I, with a penalty outside a saliency map Ψ in [0, 1]:

    minimise over p:  J(I + p, t) + β ‖p ⊙ (1 - Ψ)‖₂

where J is the cross-entropy and t the class that the network finds least likely. If the map shows what matters, the
same probability of t costs a smaller perturbation. The paper states neither its units nor its steps. Ours: p counts in
units of 255 grey levels, ‖·‖₂ is the root mean square (so that β means the same at every size), steps go by the sign
of the gradient, and β is halved whenever ten steps have brought the image no nearer to t: the gradient of J fades as
the probability of t grows, and a constant penalty would hold it back for ever.
"""

import inspect
from collections.abc import Callable
from functools import partial

import numpy as np

from tp_visualisation.adversarial.example import AdversarialExample
from tp_visualisation.adversarial.search import Images, attacked
from tp_visualisation.checks import check_number
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import as_batch
from tp_visualisation.labels import Target
from tp_visualisation.maps import SaliencyMap, check_map, minmax
from tp_visualisation.saliency import find_method


def confined_attack(
    classifier: Classifier,
    image: Images,
    target: Target = None,
    *,
    saliency_map: SaliencyMap | None = None,
    method: str | Callable[..., SaliencyMap] = "cameras",
    beta: float = 50.0,
    min_probability: float = 0.9999,
    step_size: float = 1.0,
    n_steps: int = 200,
    progress: bool = False,
) -> AdversarialExample | list[AdversarialExample]:
    """Make the network sure of a wrong class while changing mostly what a saliency map points at.

    Args:
        classifier: `Classifier` to fool.
        image: RGB in [0, 255], (H, W, 3), rounded to whole grey levels; or a batch or list of
            images. Left unchanged.
        target: class to reach: index, label or WordNet id; None for the least likely class.
        saliency_map: array (H, W) that confines the perturbation, for one image; used after
            (map - min)/(max - min). None computes one with `method`.
        method: saliency method, a name in `tp_visualisation.saliency.METHODS` or a function; the map is
            that of the predicted class.
        beta: β, the weight of the penalty; 0 does not confine.
        min_probability: go on until the target has at least this probability.
        step_size: how far each step moves every pixel, in grey levels.
        n_steps: steps at most; the attack stops at the first one whose image fools.
        progress: show a progress bar on stderr when it takes longer than a second; one of `method` too, if
            it has one.

    Returns:
        `AdversarialExample`; a list of them for several images. Where that probability
        is not reached, `success` is False and the image is the best try.

    Raises:
        ValueError: an argument is not as above, or an image is already predicted as the target.
    """
    if saliency_map is not None and len(as_batch(image)) > 1:
        raise ValueError("saliency_map is the map of one image: give one image, or a method.")
    check_number("[0, inf)", beta=beta)
    check_number("(0, inf)", step_size=step_size)
    explain = find_method(method)
    if progress and "progress" in inspect.signature(explain).parameters:
        explain = partial(explain, progress=True)

    def attack(search):
        original, weight = search.originals[0], _Weight(beta)
        outside = 0.0
        if beta > 0 or saliency_map is not None:
            given = explain(classifier, original, int(search.sources[0])) if saliency_map is None else saliency_map
            given = check_map(given, original.shape[:2], may_be_constant=True).astype(np.float32)
            outside = (1 - minmax(given))[..., None]  # 1 - Ψ, (H, W, 1)

        def move(x, g, _):
            p = (x - original) / 255
            rms = np.sqrt(np.mean((p * outside) ** 2, dtype=np.float64))
            penalty = weight.after(search.margins[0]) * outside**2 * p / max(255 * p.size * rms, 1e-12)
            return x + step_size * np.sign(g - penalty)

        search.climb(move, n_steps, objective="log_probability")

    return attacked(
        classifier,
        image,
        target,
        attack,
        name="confined attack",
        n_steps=n_steps,
        min_probability=min_probability,
        least_likely=target is None,
        batch_size=1,
        progress=progress,
    )


class _Weight:
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
