"""Judge saliency methods on a data set: every image, every method, every metric, and a table with intervals.

For each image (where there are boxes: for each category in it) and each method the map is computed once, and every
metric is computed from it:

    deletion, insertion    areas of the curves of Petsiuk 2018, `causal`
    overall                insertion − deletion
    pointing               1 for a hit of the pointing game, 0 for a miss, `localisation`; needs boxes
    density                ρ⁺ and ρ⁻ of Jalwana 2021, `density`
    time                   seconds that the map took, of a repeated call: before the first map that it times, each
                           process computes that map once more, so that what is compiled once is not counted

The rows are written as they come (`rows`), and a run that was killed goes on where it stopped.
"""

import hashlib
import inspect
import re
import sys
import time
from contextlib import nullcontext
from functools import cached_property, partial
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from tp_visualisation import __version__
from tp_visualisation.classifier import Classifier, load_classifier
from tp_visualisation.engines import weights_digest
from tp_visualisation.evaluation.causal import deletion, insertion
from tp_visualisation.evaluation.checks import check_positive
from tp_visualisation.evaluation.cluster import check_dask, connected, run_on
from tp_visualisation.evaluation.density import map_density
from tp_visualisation.evaluation.examples import Example, choose, examples_of, read_dataset
from tp_visualisation.evaluation.localisation import pointing_game
from tp_visualisation.evaluation.rows import Row, check_output, open_table
from tp_visualisation.evaluation.summary import console_table, latex_table, markdown_table, summarise
from tp_visualisation.names import find_name
from tp_visualisation.saliency import METHODS

METRICS = {  # name → the columns that it gives
    "deletion": ("deletion",),
    "insertion": ("insertion",),
    "overall": ("overall",),
    "pointing": ("pointing",),
    "density": ("density_positive", "density_negative"),
    "time": ("time",),
}


class Job(NamedTuple):
    """What is computed in one go: the map of an example by a method, and the metrics (columns) that are missing."""

    example: Example
    method: str
    metrics: tuple


class BenchmarkResult(NamedTuple):
    """`rows` of all images, `scores` of methods and metrics, `skipped`: image → why it could not be judged."""

    rows: list
    scores: list
    skipped: dict

    def markdown(self):
        """Return the table in Markdown."""
        return markdown_table(self.scores)

    def latex(self):
        """Return the table in LaTeX, for the package booktabs."""
        return latex_table(self.scores)

    def table(self, title=None):
        """Return the table for the console: `rich.print(result.table())`."""
        return console_table(self.scores, title)


def benchmark(classifier, dataset="samples", methods=("gradient", "grad_cam", "rise"),
              metrics=("deletion", "insertion", "overall"), *, output=None, target="class", split=None, images=None,
              class_mapping=None, limit=None, step=224, tolerance=15, batch_size=32, scheduler=None, workers=None,
              seed=0, progress=False):  # fmt: skip
    """Return what metrics say of saliency methods on a data set.

    Args:
        classifier: `Classifier`; or the name of a network, or a function without arguments that returns a
            `Classifier`, the same at every call. Dask's workers need one of these two, as each makes its own:
            `functools.partial(load_classifier, "vgg16", "vgg16.weights.h5")`.
        dataset: "samples"; a folder of images, each named or foldered by its class (label, WordNet id or
            index); a year's folder of Pascal VOC; a COCO file of instances; or a list of what `read_voc`,
            `read_coco` or `sample_images` give.
        methods: names of `METHODS`; or a dict of name → function (classifier, image, target) → map (H, W), as
            {"fine": functools.partial(sess, base="guided_backprop")}.
        metrics: names of `METRICS`.
        output: table on disk, a file .csv or a folder .parquet: see `rows`. A run that was stopped at any
            moment goes on from it. None keeps the rows in memory.
        target: "class" explains the class, or every category with a box, that the data set gives; "predicted"
            what the network sees.
        split: of VOC, "test" if None.
        images: folder of COCO's photographs; None looks for it beside the file.
        class_mapping: what categories mean for the network: a file or a dict, see `examples_of`.
        limit: at most so many images, drawn with `seed`; None for all.
        step: pixels changed at a time in deletion and insertion.
        tolerance: pixels by which the pointing game may miss a box.
        batch_size: images per pass in deletion and insertion; bounds the memory.
        scheduler: address of a Dask scheduler to run on; see docs/cluster.md.
        workers: run on so many processes of this machine instead. A script needs its
            `if __name__ == "__main__":` then.
        seed: integer, for methods that take one, for `limit` and for the intervals.
        progress: show a progress bar on stderr when it takes longer than a second, and what is skipped.

    Returns:
        `BenchmarkResult`; rows in the order of the data set, whatever the order in which they were computed.
        An image that cannot be read and a map that cannot be judged have rows without value, with the error.

    Raises:
        ValueError: an argument is not as above, or `output` holds rows of another run. All of this before
            any map.
        FileNotFoundError, PermissionError: no such data set, or `output` cannot be written.
        RuntimeError: Dask's workers died again and again.
    """
    methods, columns = check_methods(methods), check_metrics(metrics)
    check_positive(step=step, batch_size=batch_size)
    if target not in ("class", "predicted"):
        raise ValueError(f'target must be "class" or "predicted", got {target!r}.')
    if not tolerance >= 0:
        raise ValueError(f"tolerance must be at least 0 pixels, got {tolerance}.")
    if output is not None:
        output = check_output(output)
    distributed = scheduler is not None or workers is not None
    if distributed:
        check_dask(scheduler, workers)
    chosen = read_dataset(dataset, split, images)
    if "pointing" in columns and (not chosen.has_boxes or target == "predicted"):
        raise ValueError(
            "pointing needs boxes: a data set of Pascal VOC or COCO, whose categories are explained."
            if not chosen.has_boxes
            else 'pointing explains the categories that have boxes: leave the target at "class".'
        )
    chosen = chosen._replace(photographs=choose(chosen.photographs, limit, seed))

    make_classifier = _maker(classifier, distributed)
    classifier = make_classifier()
    if not isinstance(classifier, Classifier):
        raise ValueError(f"the function given as classifier must return a Classifier, got {classifier!r:.80}.")
    examples = examples_of(chosen, classifier, target, class_mapping)

    settings = {
        "dataset": chosen.kind if chosen.kind in ("samples", "list") else str(Path(dataset).expanduser().resolve()),
        "examples": [len(examples), _digest(repr([_identity(example) for example in examples]))],
        "network": [
            re.sub(r"_\d+$", "", classifier.name),  # Keras numbers networks that were given no name
            *classifier.input_size,
            weights_digest(classifier.model),
            _describe(classifier.preprocess),
            classifier.engine.description,
        ],
        "methods": {name: _describe(method) for name, method in methods.items()},
        "metrics": sorted(columns),
        "step": step,
        "tolerance": tolerance,
        "seed": seed,
        "version": __version__,
    }
    table = open_table(output, settings)
    known = {row.key: row for row in table.rows}
    jobs = [
        Job(example, method, missing)
        for example in examples
        for method in methods
        if (missing := tuple(column for column in columns if (*_identity(example)[:2], method, column) not in known))
    ]
    options = {"step": step, "tolerance": tolerance, "batch_size": batch_size, "seed": seed}
    try:
        with tqdm(
            desc="benchmark", total=len(examples) * len(methods), initial=len(examples) * len(methods) - len(jobs),
            unit=" maps", delay=1, disable=not progress, smoothing=0.05,
        ) as bar, connected(scheduler, workers) if distributed and jobs else nullcontext() as client:  # fmt: skip
            if client is None:
                judge = Judge(classifier, methods, **options)
                finished = map(judge, jobs)
            else:
                expected = weights_digest(classifier.model)
                finished = run_on(client, partial(make_judge, make_classifier, expected, methods, options), jobs)
            reported = set()
            for rows in finished:
                table.append(rows)
                known.update((row.key, row) for row in rows)
                bar.update()
                for message in dict.fromkeys(_complaint(row) for row in rows if row.error):
                    if progress and message not in reported:
                        tqdm.write(message, file=sys.stderr)
                    reported.add(message)
    finally:
        table.close()
    keys = [
        (*_identity(example)[:2], method, column) for example in examples for method in methods for column in columns
    ]
    rows = [known[key] for key in keys]
    skipped = {row.image: row.error for row in rows if row.error and row.target is None}
    return BenchmarkResult(rows, summarise(rows, seed), skipped)


def check_methods(methods):
    """Return dict of name → function, from names of `METHODS` or from such a dict."""
    if isinstance(methods, dict):
        for name, method in methods.items():
            if not isinstance(name, str) or not callable(method):
                raise ValueError(f"methods must map names to functions, got {name!r}: {method!r:.60}.")
        chosen = dict(methods)
    else:
        names = [methods] if isinstance(methods, str) else list(methods)
        names = [find_name(name, METHODS, "method") for name in names]
        chosen = {name: METHODS[name] for name in names}
    if not chosen:
        raise ValueError(f"methods is empty: name one or more of {', '.join(METHODS)}.")
    return chosen


def check_metrics(metrics):
    """Return the columns, in the order of `METRICS`, of the metrics named."""
    metrics = [metrics] if isinstance(metrics, str) else list(metrics)
    chosen = {find_name(metric, METRICS, "metric") for metric in metrics}
    if not chosen:
        raise ValueError(f"metrics is empty: name one or more of {', '.join(METRICS)}.")
    return [column for metric, columns in METRICS.items() if metric in chosen for column in columns]


class Judge:
    """A classifier and methods with their options; called with a `Job` it returns the rows."""

    def __init__(self, classifier, methods, *, step, tolerance, batch_size, seed):
        self.classifier, self.tolerance, self.seed = classifier, tolerance, seed
        self.curve_options = {"step": step, "batch_size": batch_size}
        self.methods = {name: _seeded(method, seed) for name, method in methods.items()}
        self._warm = set()

    def __call__(self, job):
        image_name, category, difficult = _identity(job.example)[:3]
        row = Row(image_name, category, None, difficult, job.method, "", None)
        try:
            image = job.example.photograph.load()
            target = job.example.target(self.classifier, image)
        except (ValueError, OSError) as error:
            return [row._replace(metric=metric, error=_one_line(error)) for metric in job.metrics]
        row = row._replace(target=int(target))
        try:
            subject = Subject(self, job.example, image, target, *self._explain(job, image, target))
        except ValueError as error:
            return [row._replace(metric=metric, error=_one_line(error)) for metric in job.metrics]
        return [subject.judged(row._replace(metric=metric)) for metric in job.metrics]

    def _explain(self, job, image, target):
        """The map and the seconds that it took."""
        method = self.methods[job.method]
        if "time" in job.metrics and job.method not in self._warm:
            method(self.classifier, image, target)
            self._warm.add(job.method)
        start = time.perf_counter()
        saliency_map = method(self.classifier, image, target)
        return saliency_map, time.perf_counter() - start


class Subject:
    """A map and all that is measured of it, each thing once."""

    def __init__(self, judge, example, image, target, saliency_map, seconds):
        self.judge, self.example, self.time = judge, example, seconds
        self._subject = judge.classifier, image, saliency_map, target

    def judged(self, row):
        """Return `row` with the value of its metric, or with the reason why there is none."""
        try:
            return row._replace(value=float(getattr(self, row.metric)))
        except ValueError as error:
            return row._replace(error=_one_line(error))

    @cached_property
    def deletion(self):
        return deletion(*self._subject, **self.judge.curve_options).auc

    @cached_property
    def insertion(self):
        return insertion(*self._subject, **self.judge.curve_options).auc

    @property
    def overall(self):
        return self.insertion - self.deletion

    @property
    def pointing(self):
        boxes = self.example.photograph.boxes(self.example.category)
        return pointing_game(self._subject[2], boxes, self.judge.tolerance)

    @cached_property
    def _density(self):
        return map_density(*self._subject)

    @property
    def density_positive(self):
        return self._density.positive

    @property
    def density_negative(self):
        return self._density.negative


def make_judge(make_classifier, weights, methods, options):
    """Return the `Judge` of a worker; a network with other weights than the client's is refused."""
    classifier = make_classifier()
    if weights_digest(classifier.model) != weights:
        raise ValueError("a worker's network has other weights: the function that makes it must always make the same.")
    return Judge(classifier, methods, **options)


def _maker(classifier, distributed):
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


def _identity(example):
    """Name of the image, category, whether it is difficult, classes: plain values."""
    category = example.category
    difficult = example.photograph.difficult(category) if category else None
    return example.photograph.name, category, difficult, [int(index) for index in example.classes]


def _seeded(method, seed):
    """`method` with the seed, if it takes one and has none."""
    if isinstance(method, partial) and "seed" in method.keywords:
        return method
    return partial(method, seed=seed) if "seed" in inspect.signature(method).parameters else method


def _describe(function):
    """What tells one function from another: its name and, of a partial, its options."""
    if isinstance(function, partial):
        options = [
            *map(_describe, function.args),
            *(f"{k}={_describe(v)}" for k, v in sorted(function.keywords.items())),
        ]
        return f"{_describe(function.func)}({', '.join(options)})"
    if callable(function):
        kind = function if hasattr(function, "__qualname__") else type(function)
        return f"{kind.__module__}.{kind.__qualname__}"
    return re.sub(r" at 0x[0-9a-f]+", "", repr(function))


def _complaint(row):
    if row.target is None:
        return f"{row.image}: skipped: {row.error}"
    return f"{' '.join(filter(None, [row.image, row.category]))}: {row.method}: {row.error}"


def _digest(text):
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _one_line(error):
    return " ".join(str(error).split()) or type(error).__name__
