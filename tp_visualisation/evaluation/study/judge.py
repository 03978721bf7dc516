"""The map of one example by one method, and what the metrics say of it: the rows that it gives."""

import inspect
import math
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

import numpy as np

from tp_visualisation.classifier import Classifier
from tp_visualisation.engines import weights_digest
from tp_visualisation.evaluation.metrics import Metric, Subject
from tp_visualisation.evaluation.study.examples import Example
from tp_visualisation.evaluation.study.rows import Row
from tp_visualisation.names import counted, one_line


class Job(NamedTuple):
    """What is computed in one go: the map of an example by a method, and the `columns` of metrics that are missing."""

    example: Example
    method: str
    columns: tuple[str, ...]


class Judge:
    """Gives the rows of a `Job` when it is called with one.

    Args:
        classifier: `Classifier` that is explained.
        methods: dict of name → function (classifier, image, target) → map (H, W).
        metrics: `Metric`s with all columns of the jobs.
        seed: integer, for methods that take one.
        **options: `step_size`, `batch_size`, `tolerance` of `Subject`.
    """

    def __init__(
        self, classifier: Classifier, methods: dict[str, Callable], metrics: Iterable[Metric], *, seed: int, **options
    ):
        self._classifier, self._options = classifier, options
        self._methods = {name: _seeded(method, seed) for name, method in methods.items()}
        self._metrics = list(metrics)
        self._warm: set[str] = set()  # methods that have been called: what they compile once is compiled

    def __call__(self, job: Job) -> list[Row]:
        example = job.example
        row = Row(example.name, example.category, None, example.difficult, job.method, "", None)
        metrics = [metric for metric in self._metrics if not set(metric.columns).isdisjoint(job.columns)]
        try:
            image = example.photograph.load()
            target = int(example.target(self._classifier, image))
        except (ValueError, OSError) as error:
            return _failed(row, job.columns, error)
        row = row._replace(target=target)
        try:
            saliency_map, seconds = self._explain(job.method, image, target, metrics)
        except ValueError as error:
            return _failed(row, job.columns, error)
        subject = Subject(self._classifier, image, saliency_map, target, example.boxes, seconds, **self._options)
        rows = []
        for metric in metrics:
            rows += _measured(metric, subject, row)
        return [measured for measured in rows if measured.metric in job.columns]

    def _explain(self, name, image, target, metrics):
        """The map and the seconds that it took."""
        method = self._methods[name]
        if name not in self._warm and any("seconds" in metric.needs for metric in metrics):
            method(self._classifier, image, target)
            self._warm.add(name)
        start = time.perf_counter()
        saliency_map = method(self._classifier, image, target)
        return saliency_map, time.perf_counter() - start


def make_judge(make_classifier: Callable[[], Classifier], weights: str, *args, **options) -> Judge:
    """Return the `Judge` of a worker, with a classifier of its own; other arguments are those of `Judge`.

    Raises:
        ValueError: its network has other weights than those of the digest `weights`.
    """
    classifier = make_classifier()
    if weights_digest(classifier.model) != weights:
        raise ValueError("a worker's network has other weights: the function that makes it must always make the same.")
    return Judge(classifier, *args, **options)


def _measured(metric, subject, row):
    """A row for each column of a metric: with its number, or with the reason why there is none."""
    try:
        numbers = _numbers(metric.measure(subject), len(metric.columns))
    except ValueError as error:
        return _failed(row, metric.columns, error)
    return [_row(row._replace(metric=column), number) for column, number in zip(metric.columns, numbers, strict=True)]


def _numbers(measured, n_columns):
    """What a metric gave, as one number for each column, or a ValueError that says what else it was."""
    array = np.asarray(measured)
    if array.dtype.kind not in "buif" or not array.size:
        raise ValueError(f"the metric gave {measured!r:.80}, which is no number.")
    if array.ndim > 1 or array.size != n_columns:
        got = f"an array {array.shape}" if array.ndim > 1 else f"{array.size} of them"
        raise ValueError(f"the metric must give {counted(n_columns, 'number')}, one for each column, got {got}.")
    return array.ravel()


def _row(row, number):
    value = float(number)
    return row._replace(value=value) if math.isfinite(value) else row._replace(error=f"the metric gave {value}.")


def _failed(row, columns, error):
    return [row._replace(metric=column, error=one_line(error)) for column in columns]


def _seeded(method, seed):
    """`method` with the seed, if it takes one and has none."""
    if isinstance(method, partial) and "seed" in method.keywords:
        return method
    return partial(method, seed=seed) if "seed" in inspect.signature(method).parameters else method
