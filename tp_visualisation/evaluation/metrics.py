"""The metrics of a benchmark by name: an entry says everything that the benchmark and its table know of a metric.

A metric of one's own is an entry too, and is given to `benchmark` like a name:

    def share_of_the_peak(subject):
        return subject.saliency_map.max() / subject.saliency_map.sum()

    peak = Metric("peak", ("peak",), "↑", "", "mean", share_of_the_peak)
    benchmark(classifier, metrics=["deletion", peak])
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from tp_visualisation.checks import WrongKind, check_choice
from tp_visualisation.classifier import Classifier
from tp_visualisation.evaluation.causal import Curve, curve_of
from tp_visualisation.evaluation.density import density_of
from tp_visualisation.evaluation.judged import Judged
from tp_visualisation.evaluation.localisation import box_overlap, energy_in_box, localisation_error, pointing_game
from tp_visualisation.evaluation.statistics import STATISTICS
from tp_visualisation.images import Image
from tp_visualisation.maps import Box, SaliencyMap
from tp_visualisation.names import find_name

NEEDS = ("boxes", "seconds")


@dataclass(eq=False)
class Subject:
    """What a metric measures: the map of one class in one image, and what is known of it.

    Attributes:
        classifier: `Classifier` that is explained.
        image: RGB array (H, W, 3), values in [0, 255].
        saliency_map: the method's map (H, W) of `target`, raw values.
        target: class index.
        boxes: `Box`es of what is explained; empty where the data set has none.
        seconds: how long the method took for the map.
        step_size, batch_size: options of deletion and insertion.
        tolerance: option of the pointing game.
    """

    classifier: Classifier
    image: Image
    saliency_map: SaliencyMap
    target: int
    boxes: list[Box]
    seconds: float
    step_size: int = 224
    batch_size: int | None = None
    tolerance: float = 15

    @cached_property
    def judged(self) -> Judged:
        """Image, map and class, checked once for every metric of the network's probabilities.

        Raises:
            ValueError: the map cannot be judged.
        """
        return Judged(self.classifier, self.image, self.saliency_map, self.target)

    @cached_property
    def deletion(self) -> Curve:
        """The curve of deletion, computed once for every metric that asks for it."""
        return self._curve("deletion")

    @cached_property
    def insertion(self) -> Curve:
        """The curve of insertion, computed once for every metric that asks for it."""
        return self._curve("insertion")

    def _curve(self, metric):
        return curve_of(self.judged, metric, step_size=self.step_size, batch_size=self.batch_size)


class Metric(NamedTuple):
    """A metric of a benchmark.

    Attributes:
        name: what it is called in `benchmark(metrics=[...])`.
        columns: the names of its numbers; most metrics have one, called like the metric.
        direction: for each column, "↑" where more is better, "↓" where less is: "↑↓" for two of them.
        unit: of its numbers, such as "s"; "" without one.
        statistic: what the table says of the numbers of many maps: "mean", "mean over categories" (so that
            a frequent category counts no more than a rare one) or "median".
        measure: function of a `Subject` that returns a number, or a tuple with one for each column. A
            ValueError says that the map cannot be measured: the row then holds the message, and no number.
        needs: "boxes" where the data set must say where the objects are; "seconds" where the time must not
            be that of the method's first call, which compiles.
        difficult_part: the table also has a column for the maps of the difficult part alone: see `is_difficult`.
    """

    name: str
    columns: tuple[str, ...]
    direction: str
    unit: str
    statistic: str
    measure: Callable[[Subject], float | tuple[float, ...]]
    needs: tuple[str, ...] = ()
    difficult_part: bool = False


def _deletion(subject):
    return subject.deletion.auc


def _insertion(subject):
    return subject.insertion.auc


def _overall(subject):
    return subject.insertion.auc - subject.deletion.auc


def _pointing(subject):
    return pointing_game(subject.saliency_map, subject.boxes, subject.tolerance)


def _localisation(subject):
    boxes = subject.saliency_map, subject.boxes
    return localisation_error(*boxes), box_overlap(*boxes)


def _energy(subject):
    return energy_in_box(subject.saliency_map, subject.boxes)


def _density(subject):
    return density_of(subject.judged)


def _time(subject):
    return subject.seconds


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("deletion", ("deletion",), "↓", "", "mean", _deletion),
        Metric("insertion", ("insertion",), "↑", "", "mean", _insertion),
        Metric("overall", ("overall",), "↑", "", "mean", _overall),
        Metric(
            "pointing", ("pointing",), "↑", "", "mean over categories", _pointing, needs=("boxes",), difficult_part=True
        ),
        Metric(
            "localisation", ("localisation_error", "box_overlap"), "↓↑", "", "mean", _localisation, needs=("boxes",)
        ),
        Metric("energy", ("energy_in_box",), "↑", "", "mean", _energy, needs=("boxes",)),
        Metric("density", ("density_positive", "density_negative"), "↑↓", "", "mean", _density),
        Metric("time", ("time",), "↓", "s", "median", _time, needs=("seconds",)),
    )
}


def find_metric(metric: str | Metric) -> Metric:
    """Return the metric that is meant by a name of `METRICS` or by a `Metric`.

    Raises:
        ValueError: no metric has this name (the nearest names are given), a `Metric` that is not as its
            documentation says, or neither a name nor a `Metric`.
    """
    if isinstance(metric, str):
        metric = METRICS[find_name(metric, METRICS, "metric")]
    if not isinstance(metric, Metric):
        raise WrongKind(f"a metric is given by its name or as a Metric, got {metric!r:.80}.")
    _check(metric)
    return metric


def _check(metric):
    """Raise a ValueError that says what is wrong with a metric of the user's own."""
    of = f'of the metric "{metric.name}"'
    if isinstance(metric.columns, str) or not metric.columns or not all(isinstance(c, str) for c in metric.columns):
        raise ValueError(f'columns {of} must be a tuple of names, such as ("{metric.name}",), got {metric.columns!r}.')
    if len(metric.direction) != len(metric.columns) or not set(metric.direction) <= set("↑↓"):
        raise ValueError(
            f'direction {of} must have "↑" (more is better) or "↓" for each of its {len(metric.columns)} columns, '
            f"got {metric.direction!r}."
        )
    if not callable(metric.measure):
        raise ValueError(f"measure {of} must be a function of a Subject, got {metric.measure!r:.80}.")
    if isinstance(metric.needs, str):
        raise ValueError(f'needs {of} must be a tuple, such as ("{metric.needs}",).')
    check_choice(STATISTICS, statistic=metric.statistic)
    for need in metric.needs:
        check_choice(NEEDS, needs=need)
