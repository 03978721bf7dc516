"""The same class drawn with several settings, side by side: what each of them does to the image."""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from tp_visualisation.checks import check_integer, check_number
from tp_visualisation.class_model.climb import visualise_class_steps
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image


class SweepResult(NamedTuple):
    """The image that these settings give, float32 (h, w, 3), with the score and probability of the class."""

    n_steps: int
    step_size: float
    l2: float
    image: Image
    score: float
    probability: float


def sweep(
    classifier: Classifier,
    target: int | str,
    *,
    n_steps: int | Sequence[int] = (50, 100, 200),
    step_size: float | Sequence[float] = (500.0, 1500.0, 4500.0),
    l2: float | Sequence[float] = (0.0, 1e-2),
    seed: int = 0,
    parameterisation: str = "pixels",
    progress: bool = False,
) -> list[SweepResult]:
    """Draw a class with every combination of the three settings that the lab varies.

    Args:
        classifier: `Classifier` under study.
        target: class to draw: index, label or WordNet id.
        n_steps: numbers of steps. The shorter climbs are the beginning of the longest one, and cost nothing more.
        step_size: step sizes, in the unit of the parameterisation.
        l2: weights λ of the penalty.
        seed: integer, the same for all.
        parameterisation: how the image is written, "pixels" as in the lab, or "fourier".
        progress: show a progress bar on stderr for each climb that takes longer than a second.

    Returns:
        list of `SweepResult`, ordered by λ, then step size, then number of steps; `plotting.plot_sweep` draws it.

    Raises:
        ValueError: as for `visualise_class`, or an empty list.
    """
    numbers, sizes, weights = (np.atleast_1d(values).tolist() for values in (n_steps, step_size, l2))
    if not (numbers and sizes and weights):
        raise ValueError("n_steps, step_size and l2 must each hold at least one value.")
    for number in numbers:
        check_integer("[1, inf)", n_steps=number)
    for size in sizes:
        check_number("(0, inf)", step_size=size)
    settings = list(product(weights, sizes))
    climbs = [  # what is wrong with any of them is said here, before the first one begins
        visualise_class_steps(
            classifier,
            target,
            n_steps=max(numbers),
            step_size=size,
            l2=weight,
            seed=seed,
            every=np.gcd.reduce(numbers),
            parameterisation=parameterisation,
            progress=progress,
        )
        for weight, size in settings
    ]
    results = []
    for (weight, size), climb in zip(settings, climbs, strict=True):
        snapshots = {snapshot.step: snapshot for snapshot in climb if snapshot.step in numbers}
        results += [SweepResult(number, size, weight, *snapshots[number][1:]) for number in numbers]
    return results
