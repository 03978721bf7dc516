"""PGD: many small steps, each followed by a projection on what the attacker may change.

Kurakin, Goodfellow and Bengio, "Adversarial examples in the physical world", 2017, where it is called the basic
iterative method, BIM. https://arxiv.org/abs/1607.02533
Madry et al., "Towards deep learning models resistant to adversarial attacks", 2018, who start at a random point.
https://arxiv.org/abs/1706.06083

With the cross-entropy J(x, c) of the predicted class, and Π the projection on the ball ‖x - x_original‖ ≤ ε,

    ℓ∞:  x ← Π(x + α sign(∂J/∂x))        ℓ₂:  x ← Π(x + α g/‖g‖₂),  g = ∂J/∂x

Towards a target t the steps go down J(x, t) instead.
"""

import numpy as np

from tp_visualisation.adversarial.example import AdversarialExample
from tp_visualisation.adversarial.search import Images, attacked, check_epsilon, norm_of, normalised
from tp_visualisation.checks import check_choice, check_integer, check_number
from tp_visualisation.classifier import Classifier
from tp_visualisation.labels import Target


def pgd(
    classifier: Classifier,
    image: Images,
    target: Target = None,
    *,
    epsilon: float | None = None,
    norm: str = "linf",
    n_steps: int = 20,
    step_size: float | None = None,
    random_start: bool = True,
    min_probability: float = 0.0,
    batch_size: int | None = None,
    seed: int = 0,
    progress: bool = False,
) -> AdversarialExample | list[AdversarialExample]:
    """Search the ball of radius ε around an image for one that fools, by projected gradient steps.

    Args:
        classifier: `Classifier` to fool.
        image: RGB in [0, 255], (H, W, 3), rounded to whole grey levels; or a batch or list of
            images. Left unchanged.
        target: class to reach: index, label or WordNet id; None to leave the predicted class for any other.
        epsilon: ε, the radius of the ball, in grey levels, at least 1 since the result has 8 bits, and of
            "linf" at most 255. None means 4 for "linf"; for "l2" √(3 H W)/2, half a grey level in root mean square.
        norm: "linf", the largest change of a pixel, or "l2", the Euclidean norm over all of them.
        n_steps: steps at most; the attack stops at the first one whose image fools.
        step_size: α, in grey levels; None means 2.5 ε / n_steps, as Madry et al.
        random_start: start at a random point of the ball, the same one for each image, instead of the image.
        min_probability: go on until the class reached has at least this probability.
        batch_size: images attacked together; bounds the memory and does not change the result.
            None for 8, or on a GPU for what its memory holds.
        seed: integer; the same seed gives the same start.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        `AdversarialExample`; a list of them for several images. Its image lies in the ball too,
        after the rounding. Where none was found, `success` is False and the image is the best try.

    Raises:
        ValueError: an argument is not as above, or an image is already predicted as the target.
    """
    check_integer("[0, inf)", seed=seed)
    check_choice(_BALLS, norm=norm)
    if epsilon is not None:
        check_epsilon(epsilon, norm)
    if step_size is not None:
        check_number("(0, inf)", step_size=step_size)

    def attack(search):
        originals = search.originals
        radius = epsilon or (4 if norm == "linf" else np.sqrt(originals[0].size) / 2)
        alpha = step_size or 2.5 * radius / n_steps
        ball = _BALLS[norm](radius)

        def move(x, g, indices):
            x0 = originals[indices]
            return x0 + ball.project(x + alpha * ball.steepest(g) - x0)

        start = originals
        if random_start:
            start = np.clip(originals + ball.sample(originals.shape[1:], np.random.default_rng(seed)), 0, 255)
        search.climb(move, n_steps, objective="log_probability", start=start, rounding=ball.round)

    return attacked(
        classifier,
        image,
        target,
        attack,
        name="PGD",
        n_steps=n_steps,
        min_probability=min_probability,
        batch_size=batch_size,
        progress=progress,
    )


class _LinfBall:
    """Perturbations (n, H, W, 3) of at most `epsilon` grey levels in every pixel."""

    def __init__(self, epsilon):
        self.epsilon = epsilon

    def steepest(self, g):
        return np.sign(g)

    def project(self, p):
        return np.clip(p, -self.epsilon, self.epsilon)

    def sample(self, shape, rng):
        return rng.uniform(-self.epsilon, self.epsilon, shape).astype(np.float32)

    def round(self, p):
        """Whole grey levels, still inside."""
        whole = np.floor(self.epsilon)
        return np.clip(np.rint(p), -whole, whole)


class _L2Ball:
    """Perturbations (n, H, W, 3) of Euclidean norm at most `epsilon` grey levels."""

    def __init__(self, epsilon):
        self.epsilon = epsilon

    def steepest(self, g):
        return normalised(g)

    def project(self, p):
        return (p * np.minimum(1, self.epsilon / np.maximum(norm_of(p), 1e-12))).astype(np.float32)

    def sample(self, shape, rng):
        direction = rng.normal(size=shape)
        radius = self.epsilon * rng.uniform() ** (1 / direction.size)  # uniform in the ball, so nearly on its surface
        return (radius * direction / np.linalg.norm(direction)).astype(np.float32)

    def round(self, p):
        """Whole grey levels in the direction of `p` that spend as much of ε as `p` does, and no more.

        Spread over many pixels, a perturbation below half a grey level would round to nothing: it
        is scaled first, by the largest factor that keeps the rounded norm within that of `p`.
        """
        return np.stack([_round_within(one, min(float(np.linalg.norm(one)), self.epsilon)) for one in p])


_BALLS = {"linf": _LinfBall, "l2": _L2Ball}


def _round_within(p, radius, n_bisections=12):
    low, high = 0.0, 1.0
    while high < 1e6 and np.linalg.norm(np.rint(high * p)) <= radius and p.any():
        low, high = high, 2 * high
    for _ in range(n_bisections):
        middle = (low + high) / 2
        low, high = (middle, high) if np.linalg.norm(np.rint(middle * p)) <= radius else (low, middle)
    return np.rint(low * p)
