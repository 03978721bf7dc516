"""Judge saliency methods on a data set: every image, every method, every metric, and a table with intervals.

For each image (where there are boxes: for each category in it) and each method the map is computed once, and every
metric is computed from it:

    deletion, insertion    areas of the curves of Petsiuk 2018, `causal`
    overall                insertion − deletion
    pointing               1 for a hit of the pointing game, 0 for a miss, `localisation`; needs boxes
    localisation           1 where the box of the map misses, and how far it overlaps, `localisation`; needs boxes
    energy                 share of the map inside the boxes, `localisation`; needs boxes
    density                ρ⁺ and ρ⁻ of Jalwana 2021, `density`
    time                   seconds that the map took, of a repeated call: before the first map that it times, each
                           process computes that map once more, so that what is compiled once is not counted

and those of one's own, see `metrics`. The rows are written as they come (`rows`), and a run that was killed goes on
where it stopped.
"""

import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tqdm import tqdm

from tp_visualisation import __version__
from tp_visualisation.checks import WrongKind, check_choice, check_integer, check_number
from tp_visualisation.classifier import Classifier
from tp_visualisation.engines import weights_digest
from tp_visualisation.evaluation.metrics import METRICS, Metric, find_metric
from tp_visualisation.evaluation.study.cluster import check_dask, connected, run_on
from tp_visualisation.evaluation.study.datasets import AnnotatedImage
from tp_visualisation.evaluation.study.examples import choose, examples_of, read_dataset
from tp_visualisation.evaluation.study.identity import digest_of, identify
from tp_visualisation.evaluation.study.judge import Job, Judge, make_judge
from tp_visualisation.evaluation.study.rows import Row, check_output, check_text, open_table
from tp_visualisation.evaluation.study.summary import Summary, console_table, latex_table, markdown_table, summarise
from tp_visualisation.loading import load_classifier
from tp_visualisation.names import find_name
from tp_visualisation.saliency import METHODS, find_method
from tp_visualisation.samples import Sample

if TYPE_CHECKING:
    from rich.table import Table


class BenchmarkResult(NamedTuple):
    """`rows` of all images, `summaries` of methods and metrics, `skipped`: image → why it could not be judged."""

    rows: list[Row]
    summaries: list[Summary]
    skipped: dict[str, str]

    def markdown(self) -> str:
        """Return the table in Markdown."""
        return markdown_table(self.summaries)

    def latex(self) -> str:
        """Return the table in LaTeX, for the package booktabs."""
        return latex_table(self.summaries)

    def table(self, title: str | None = None) -> "Table":
        """Return the table for the console: `rich.print(result.table())`."""
        return console_table(self.summaries, title)


def benchmark(
    classifier: Classifier | str | Callable[[], Classifier],
    dataset: str | Path | Sequence[AnnotatedImage | Sample] = "samples",
    methods: str | Callable | Iterable[str | Callable] | dict[str, Callable] = ("gradient", "grad_cam", "rise"),
    metrics: str | Metric | Iterable[str | Metric] = ("deletion", "insertion", "overall"),
    *,
    output: str | os.PathLike | None = None,
    target: str = "class",
    split: str | None = None,
    images: str | Path | None = None,
    class_mapping: str | Path | dict | None = None,
    limit: int | None = None,
    step_size: int = 224,
    tolerance: float = 15,
    batch_size: int | None = None,
    scheduler: str | None = None,
    n_workers: int | None = None,
    seed: int = 0,
    progress: bool = False,
) -> BenchmarkResult:
    """Return what metrics say of saliency methods on a data set.

    Args:
        classifier: `Classifier`; or the name of a network, or a function without arguments that returns a
            `Classifier`, the same at every call. Dask's workers need one of these two, as each makes its own:
            `functools.partial(load_classifier, "vgg16", "vgg16.weights.h5")`.
        dataset: "samples"; a folder of images, each named or foldered by its class (label, WordNet id or
            index); a year's folder of Pascal VOC; a COCO file of instances; or a list of what `read_voc`,
            `read_coco` or `sample_images` give.
        methods: names of `METHODS`, and functions (classifier, image, target) → map (H, W); or a dict of
            name → function, as {"fine": functools.partial(sess, base="guided_backprop")}.
        metrics: names of `METRICS`, and `Metric`s of one's own.
        output: table on disk, a file .csv or a folder .parquet: see `rows`. A run that was stopped at any
            moment goes on from it, with the same code: a function of one's own that has been changed, or what it
            holds, needs another output. One process at a time writes it. None keeps the rows in memory.
        target: "class" explains the class, or every category with a box, that the data set gives; "predicted"
            what the network sees.
        split: of VOC, "test" if None.
        images: folder of COCO's photographs; None looks for it beside the file.
        class_mapping: what categories mean for the network: a file or a dict, see `examples_of`.
        limit: at most so many images, drawn with `seed`; None for all.
        step_size: pixels changed at a time in deletion and insertion.
        tolerance: pixels by which the pointing game may miss a box.
        batch_size: images per pass in deletion and insertion; bounds the memory and does not change the result.
            None for 32, or on a GPU for what its memory holds.
        scheduler: address of a Dask scheduler to run on; see docs/cluster.md.
        n_workers: run on so many processes of this machine instead. A script needs its
            `if __name__ == "__main__":` then.
        seed: integer, for methods that take one, for `limit` and for the intervals.
        progress: show a progress bar on stderr when it takes longer than a second, and what is skipped.

    Returns:
        `BenchmarkResult`; rows in the order of the data set, whatever the order in which they were computed.
        An image that cannot be read, a map that cannot be judged and a metric that gives no number have rows
        without value, with the error.

    Raises:
        ValueError: an argument is not as above, or `output` holds rows of another run, or a function holds what
            cannot be told from something else, see `identify`. All of this before any map.
        FileNotFoundError, PermissionError: no such data set, or `output` cannot be written, or was removed.
        BlockingIOError: another process writes `output`.
        WorkersLost: Dask's workers died again and again.
    """
    methods, metrics = _methods_by_name(methods), _chosen_metrics(metrics)
    check_integer("[1, inf)", step_size=step_size, **({} if batch_size is None else {"batch_size": batch_size}))
    check_integer("[0, inf)", seed=seed)
    check_number("[0, inf)", tolerance=tolerance)
    check_choice(("class", "predicted"), target=target)
    identities = {}
    if output is not None:
        output = check_output(output)
        identities = {
            "methods": {name: identify(method, f'the method "{name}"') for name, method in methods.items()},
            "metrics": {metric.name: identify(metric.measure, f'the metric "{metric.name}"') for metric in metrics},
        }
    distributed = scheduler is not None or n_workers is not None
    if distributed:
        check_dask(scheduler, n_workers)
    data = read_dataset(dataset, split, images)
    _check_boxes(metrics, data, target)
    data = data._replace(photographs=choose(data.photographs, limit, seed))

    make_classifier = _maker(classifier, distributed)
    classifier = make_classifier()
    if not isinstance(classifier, Classifier):
        raise ValueError(f"the function given as classifier must return a Classifier, got {classifier!r:.80}.")
    digest = weights_digest(classifier.model)
    examples = examples_of(data, classifier, target, class_mapping)
    for example in examples:
        check_text(example.name, "a photograph")
        check_text(example.category, "a category")

    settings = {
        "dataset": data.kind if data.kind in ("samples", "list") else str(Path(str(dataset)).expanduser().resolve()),
        "examples": [len(examples), digest_of(repr([_plain(example) for example in examples]))],
        "network": [
            re.sub(r"_\d+$", "", classifier.name),  # Keras numbers networks that were given no name
            *classifier.input_size,
            digest,
            identify(classifier.preprocess, "the preprocessing") if output else "",
            classifier.engine.name,
        ],
        **identities,
        "step_size": step_size,
        "tolerance": tolerance,
        "seed": seed,
        "version": __version__,
    }
    table = open_table(output, settings)
    known = {row.key: row for row in table.rows}
    columns = [column for metric in metrics for column in metric.columns]
    jobs = []
    for example in examples:
        for method in methods:
            missing = [column for column in columns if (example.name, example.category, method, column) not in known]
            if missing:
                jobs.append(Job(example, method, tuple(missing)))

    options: dict[str, Any] = {"seed": seed, "step_size": step_size, "batch_size": batch_size, "tolerance": tolerance}
    n_maps = len(examples) * len(methods)
    bar = tqdm(
        desc="benchmark",
        total=n_maps,
        initial=n_maps - len(jobs),
        unit=" maps",
        delay=1,
        disable=not progress,
        smoothing=0.05,
    )
    try:
        with bar, connected(scheduler, n_workers) if distributed and jobs else nullcontext() as client:
            if client is None:
                finished = map(Judge(classifier, methods, metrics, **options), jobs)
            else:
                worker = partial(make_judge, make_classifier, digest, methods, metrics, **options)
                finished = run_on(client, worker, jobs)
            complaints = set()
            for rows in finished:
                table.append(rows)
                known.update((row.key, row) for row in rows)
                bar.update()
                for complaint in dict.fromkeys(_complaint(row) for row in rows if row.error):
                    if progress and complaint not in complaints:
                        tqdm.write(complaint, file=sys.stderr)
                    complaints.add(complaint)
    finally:
        table.close()
    rows = [
        known[example.name, example.category, method, column]
        for example in examples
        for method in methods
        for column in columns
    ]
    skipped = {row.image: row.error for row in rows if row.error and row.target is None}
    return BenchmarkResult(rows, summarise(rows, metrics, seed=seed), skipped)


def _methods_by_name(methods):
    """dict of name → function."""
    if isinstance(methods, dict):
        named = [(name, find_method(method)) for name, method in methods.items()]
    else:
        named = [_named(method) for method in _listed(methods)]
    if not named:
        raise ValueError(f"methods is empty: name one or more of {', '.join(METHODS)}.")
    chosen = {}
    for name, method in named:
        if not isinstance(name, str):
            raise WrongKind(f"the name of a method is a text, got {name!r:.80}.")
        check_text(name, "a method")
        if chosen.setdefault(name, method) != method:
            raise ValueError(f'two methods are called "{name}": give a dict of name → function.')
    return chosen


def _named(method):
    """What a method in a list is called, its name in `METHODS` or that of the function, and the function."""
    if isinstance(method, str):
        name = find_name(method, METHODS, "method")
        return name, METHODS[name]
    function = find_method(method)
    if not hasattr(function, "__name__"):
        raise ValueError(f"{function!r:.80} has no name: give a dict of name → function.")
    return function.__name__, function


def _chosen_metrics(metrics):
    """List of `Metric`s without repetition, in the order of `METRICS`; then those of the user, as they were given."""
    chosen = {}
    for metric in map(find_metric, _listed(metrics)):
        if chosen.setdefault(metric.name, metric) != metric:
            raise ValueError(f'two metrics are called "{metric.name}": give one of them another name.')
    if not chosen:
        raise ValueError(f"metrics is empty: name one or more of {', '.join(METRICS)}.")
    order = list(METRICS)
    metrics = sorted(
        chosen.values(), key=lambda metric: order.index(metric.name) if metric.name in order else len(order)
    )
    columns = {}
    for metric in metrics:
        for column in [*metric.columns, *(f"{column}_difficult" for column in metric.columns if metric.difficult_part)]:
            check_text(column, "a metric's column")
            if column in columns:
                raise ValueError(f'"{columns[column]}" and "{metric.name}" both have a column "{column}".')
            columns[column] = metric.name
    return metrics


def _listed(given):
    """`given` as a list: one name, function or metric, or several of them; what is neither is one, to be refused."""
    single = isinstance(given, (str, Metric)) or callable(given) or not isinstance(given, Iterable)
    return [given] if single else list(given)


def _check_boxes(metrics, data, target):
    """Raise a ValueError where a metric needs boxes and there are none, or nothing that they are of is explained."""
    for metric in metrics:
        if "boxes" not in metric.needs:
            continue
        if not data.has_boxes:
            raise ValueError(
                f"{metric.name} needs boxes: a data set of Pascal VOC or COCO, whose categories are explained."
            )
        if target == "predicted":
            raise ValueError(f'{metric.name} explains the categories that have boxes: leave the target at "class".')


def _maker(classifier, distributed):
    """A function without arguments that gives the classifier."""
    if isinstance(classifier, str):
        return partial(load_classifier, classifier)
    if isinstance(classifier, Classifier):
        if distributed:
            raise ValueError(
                "Dask's workers make networks of their own: give the name of a network, or a function without "
                "arguments that returns the Classifier."
            )
        return lambda: classifier
    if not callable(classifier):
        raise ValueError(
            f"classifier must be a Classifier, the name of a network or a function that makes one, "
            f"got {classifier!r:.80}."
        )
    return classifier


def _plain(example):
    """What is explained, in plain values."""
    return example.name, example.category, example.difficult, [int(index) for index in example.classes]


def _complaint(row):
    """A line that says what could not be judged, and why."""
    what = f"{row.image}: skipped" if row.target is None else f"{row.image} {row.category}".strip() + f": {row.method}"
    return " ".join(f"{what}: {row.error}".split()).encode("utf-8", "backslashreplace").decode()
