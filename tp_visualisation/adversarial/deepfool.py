"""DeepFool: the smallest step over the nearest border between classes.

Moosavi-Dezfooli, Fawzi and Frossard, "DeepFool: a simple and accurate method to fool deep neural networks", 2016.
https://arxiv.org/abs/1511.04599

Near x every score is about linear, so the border between the predicted class c and a class k is about a hyperplane, at
the distance |f_k|/‖w_k‖₂ with f_k = S_k(x) - S_c(x) and w_k = ∂f_k/∂x. DeepFool goes to the nearest one,

    r = |f_k|/‖w_k‖₂² w_k    for the k of the smallest |f_k|/‖w_k‖₂,    x ← x + r

looks again, and stops once over it. The norm of the sum of the r measures how close the image was to being seen as
something else. An image of 8 bits has to go a little further.
"""

from typing import NamedTuple

import numpy as np

from tp_visualisation.adversarial.example import AdversarialExample
from tp_visualisation.adversarial.search import Images, attacked
from tp_visualisation.checks import check_integer, check_number
from tp_visualisation.classifier import Classifier
from tp_visualisation.labels import Target
from tp_visualisation.names import counted


def deepfool(
    classifier: Classifier,
    image: Images,
    target: Target = None,
    *,
    n_candidates: int = 10,
    overshoot: float = 0.02,
    n_steps: int = 50,
    batch_size: int | None = None,
    progress: bool = False,
) -> AdversarialExample | list[AdversarialExample]:
    """Find the nearest image, in Euclidean distance, that the network sees as something else.

    Args:
        classifier: `Classifier` to fool.
        image: RGB in [0, 255], (H, W, 3), rounded to whole grey levels; or a batch or list of
            images. Left unchanged.
        target: class to reach: index, label or WordNet id; None for whichever is nearest.
        n_candidates: number of most probable classes whose borders are measured, the predicted one
            included. More take longer and seldom find a nearer border.
        overshoot: how far to go over the border, as a fraction of the perturbation.
        n_steps: steps at most.
        batch_size: gradients taken together; bounds the memory and does not change the result.
            None for 8, or on a GPU for what its memory holds.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        `AdversarialExample`; a list of them for several images. Its perturbation is DeepFool's,
        rounded to whole grey levels after the smallest scaling that still fools. `success` is False
        where no border was reached.

    Raises:
        ValueError: an argument is not as above, or an image is already predicted as the target.
    """
    check_integer("[2, inf)", "the predicted class and another one", n_candidates=n_candidates)
    check_number("[0, inf)", overshoot=overshoot)
    batch_size = classifier.engine.batch_size(batch_size, 8)

    def attack(search):
        for index in range(len(search.originals)):
            for further in (overshoot, overshoot + 0.2, overshoot + 0.5):  # the later ones if rounding undoes the first
                found = _nearest_border(search, index, n_candidates, further, n_steps, batch_size)
                search.n_steps[index] += found.n_steps
                _round_to_fool(search, index, found)
                search.reasons[index] = found.reason or "lost when rounded to 8 bits"
                if search.success[index]:
                    search.reasons[index] = ""
                if search.success[index] or found.reason:
                    break

    return attacked(
        classifier, image, target, attack, name="DeepFool", n_steps=n_steps, batch_size=batch_size, progress=progress
    )


class _Crossing(NamedTuple):
    """DeepFool's perturbation, float32 (H, W, 3), before any rounding; `reason` says why no border was reached."""

    perturbation: np.ndarray
    n_steps: int
    reason: str


def _nearest_border(search, index, n_candidates=10, overshoot=0.02, n_steps=50, batch_size=8):
    """Return the `_Crossing` of image `index` of a `Search`."""
    original, source = search.originals[index], search.sources[index]
    candidates = np.argsort(-search.before[index], kind="stable")[:n_candidates]
    x, r = original, np.zeros_like(original)
    for taken in range(n_steps + 1):
        if search.targets is None:
            away, towards = source, candidates[candidates != source]
        else:
            towards = search.targets[[index]]
            away = _best_other(search, x, towards[0]) if taken else source
        scores, gradients = _scores_and_gradients(search, x, np.int32([away, *towards]), batch_size)

        seen = scores.argmax()
        if seen in towards if search.targets is not None else seen != source:
            return _Crossing(x - original, taken, "")
        if taken == n_steps:
            break
        f = scores[towards] - scores[away]
        w = gradients[1:] - gradients[0]
        norms = np.sqrt((w.astype(np.float64) ** 2).sum(axis=(1, 2, 3)))
        if not np.isfinite(norms).all():
            return _Crossing(x - original, taken, "the gradient is not finite")
        if not norms.any():
            return _Crossing(x - original, taken, "the gradient is zero: the network is saturated or flat there")
        distances = np.where(norms > 0, np.abs(f) / np.maximum(norms, 1e-30), np.inf)
        k = distances.argmin()
        r = r + ((distances[k] + 1e-4) / norms[k] * w[k]).astype(np.float32)  # 1e-4 grey levels over the border
        x = np.clip(original + (1 + overshoot) * r, 0, 255)
        search.on_step(1)
    return _Crossing(x - original, n_steps, f"no border reached in {counted(n_steps, 'step')}")


def _best_other(search, x, target):
    scores = search.classifier.input_scores(search.classifier.prepare(x))[0]
    scores[target] = -np.inf
    return scores.argmax()


def _scores_and_gradients(search, x, classes, batch_size):
    """Scores (K,) of one image and the gradients of some of them, (n, H, W, 3)."""
    gradients = []
    for start in range(0, len(classes), batch_size):
        batch = classes[start : start + batch_size]
        scores, g = search.gradient(np.repeat(x[None], len(batch), axis=0), batch, "score")
        gradients.append(g)
    return scores[0], np.concatenate(gradients)


def _round_to_fool(search, index, found, growth=1.25, n_growths=24, n_bisections=6):
    """Show rint(s p) to the classifier for growing s until one fools, then close in on the smallest such s."""

    def fools(s):
        return search.look((search.originals[index] + np.rint(s * found.perturbation))[None], [index])[0]

    if found.reason:  # no border was reached: the perturbation as it is makes the best try
        if found.n_steps:
            fools(1.0)
        return
    low, high = 0.0, 0.5
    for _ in range(n_growths):
        if fools(high):
            break
        low, high = high, high * growth
    else:
        return
    for _ in range(n_bisections):
        middle = (low + high) / 2
        low, high = (low, middle) if fools(middle) else (middle, high)
    fools(high)
