"""`tpvis evaluate`."""

import os
import re
import socket
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, cast

import typer

from tp_visualisation.cli.before import check_network, check_outputs, find_names, home_of
from tp_visualisation.cli.options import (
    DEFAULTS,
    Engine,
    Methods,
    NetworkOptions,
    Seed,
    listed,
    one_of,
    takes_network,
    whole,
)
from tp_visualisation.cli.running import load, with_whole_paths
from tp_visualisation.later import start_tensorflow

if TYPE_CHECKING:
    from tp_visualisation.classifier import Classifier
    from tp_visualisation.labels import ClassLabel


@takes_network
def evaluate(
    dataset: Annotated[
        str,
        typer.Argument(
            help='The photographs: "samples" for those that come along; a folder of images, where a file or its folder '
            "has the name of its class; a year of Pascal VOC (VOCdevkit/VOC2007); or a COCO file (.json)."
        ),
    ],
    methods: Methods = "gradient,grad_cam,rise",
    metrics: Annotated[
        str,
        typer.Option(
            help=f"What to measure, separated by commas: {listed('METRICS')}. Pointing, localisation and energy need "
            "boxes: Pascal VOC or COCO."
        ),
    ] = "deletion,insertion,overall,time",
    network: NetworkOptions = DEFAULTS,
    engine: Engine = "tensorflow",
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="File of the results, .csv or .parquet: a row for each image, method and metric. If a run is stopped, "
            "the same command goes on with what is missing there.",
        ),
    ] = Path("results.csv"),
    target: Annotated[
        str,
        typer.Option(
            help='Class to explain: "class", the one that the data set gives, or "predicted", what the network sees.',
            callback=one_of("--target", lambda: ["class", "predicted"]),
        ),
    ] = "class",
    limit: Annotated[
        int | None,
        typer.Option(
            help="Take at most this many images, drawn at random with `--seed`.",
            show_default="all",
            callback=whole("--limit"),
        ),
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="Pascal VOC only: which of its lists of images to take.", show_default="test")
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(help="COCO only: the folder of the photographs.", show_default="looked for beside the file"),
    ] = None,
    class_mapping: Annotated[
        Path | None,
        typer.Option(
            help="JSON file that gives, for each category of the data set, the classes of the network that mean the "
            "same.",
            show_default="built in, for ImageNet's classes",
        ),
    ] = None,
    step_size: Annotated[
        int, typer.Option(help="Pixels that deletion and insertion change at a time.", callback=whole("--step-size"))
    ] = 224,
    figure: Annotated[Path | None, typer.Option(help="Figure of the table to write.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Table to write, .md.")] = None,
    latex: Annotated[Path | None, typer.Option(help="Table to write, .tex.")] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Share the work among the machines of this Dask scheduler (its address).")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            help="Share the work among so many processes of this machine.", callback=whole("--workers", "[1, 1024]")
        ),
    ] = None,
    seed: Seed = 0,
) -> None:
    """Judge saliency methods on a data set. Try: tpvis evaluate samples -m gradient,grad_cam --limit 4

    Prints the table: for each method and metric the mean over the maps, of times the median, with a 95 % interval.
    """
    names = find_names(methods, "METHODS", "method")
    chosen_names = find_names(metrics, "METRICS", "metric")
    output = home_of(output)
    labels = check_network(network)
    _check_places(dataset, output, scheduler, workers, figure=figure, markdown=markdown, latex=latex)
    from rich.console import Console

    from tp_visualisation.files import replacing
    from tp_visualisation.plotting import check_figure_path, plot_benchmark, save_figure

    if figure:
        check_figure_path(figure)
    start_tensorflow()
    from tp_visualisation.evaluation import METRICS, benchmark
    from tp_visualisation.saliency import METHODS

    functions = {name: METHODS[name] for name in names}
    chosen = [METRICS[name] for name in chosen_names]
    _check_classes(dataset, class_mapping, target, limit, seed, labels)
    result = benchmark(
        partial(_make_classifier, with_whole_paths(network), engine, seed, Path.cwd()),
        dataset,
        functions,
        chosen,
        output=output,
        target=target,
        split=split,
        images=images,
        class_mapping=class_mapping,
        limit=limit,
        step_size=step_size,
        scheduler=scheduler,
        n_workers=workers,
        seed=seed,
        progress=True,
    )
    n_images = len({row.image for row in result.rows})
    title = f"{os.fsencode(dataset).decode('utf-8', 'backslashreplace')}, {n_images} images, {network.name}"
    medians = ", ".join(metric.name for metric in chosen if metric.statistic == "median")
    statistics = f"means (of {medians}: medians)" if medians else "means"
    written = [f"rows: {output.resolve()}"]
    for table, text in ((markdown, result.markdown()), (latex, result.latex())):
        if table:
            with replacing(table) as temporary:
                temporary.write_text(text, encoding="utf-8")
            written.append(f"table: {table.resolve()}")
    if figure:
        save_figure(plot_benchmark(result.summaries, title=title), figure)
        written.append(f"figure: {figure.resolve()}")
    console = Console(soft_wrap=True) if sys.stdout.isatty() else Console(width=240)
    console.print(result.table(f"{title}\n{statistics} with 95 % bootstrap intervals"))
    if result.skipped:
        print(f"skipped: {len(result.skipped)} of {n_images} images, see the column error of the rows")
    print(*written, sep="\n")


def _check_places(dataset, output, scheduler, workers, **outputs):
    """Raise if there is no such data set, an output cannot be written, or no such scheduler answers."""
    if not dataset.strip():
        raise ValueError('the data set has an empty name: give a folder, a COCO file (.json) or "samples".')
    if dataset != "samples" and not home_of(dataset).exists():
        raise FileNotFoundError(f'there is no data set "{dataset}": give a folder, a COCO file (.json) or "samples".')
    if output.suffix.lower() not in (".csv", ".parquet"):
        raise ValueError(f'--output must end in .csv or .parquet, got "{output}".')
    check_outputs([dataset], output=None if output.suffix.lower() == ".parquet" else output, **outputs)
    if scheduler is None:
        return
    if workers is not None:
        raise ValueError("give the address of a scheduler or a number of workers, not both.")
    address = re.fullmatch(r"(?:(tcp|tls|ws|wss|ucx|inproc)://)?([^/:]+|\[[^/]+\]):(\d{1,5})/?", scheduler.strip())
    if not address:
        raise ValueError(f'--scheduler must be the address of a Dask scheduler, tcp://HOST:8786, got "{scheduler}".')
    if address[1] in (None, "tcp", "tls"):
        try:
            socket.create_connection((address[2].strip("[]"), int(address[3])), timeout=2).close()
        except (OSError, OverflowError, UnicodeError) as error:
            raise OSError(f'no Dask scheduler answers at "{scheduler}": {error}') from error


class _Named(NamedTuple):
    """The classes of a network that is not loaded yet, and how a class mapping asks for them."""

    labels: "list[ClassLabel]"

    def class_index(self, target):
        """As that of `Classifier`."""
        from tp_visualisation.labels import find_class

        return find_class(target, self.labels)


def _check_classes(dataset, class_mapping, target, limit, seed, labels):
    """Raise if a class mapping cannot be read, or is not asked for, or a photograph's name says no class."""
    from tp_visualisation.evaluation import read_class_mapping
    from tp_visualisation.evaluation.study.examples import choose, examples_of, read_dataset

    if class_mapping and target == "predicted":
        raise ValueError('--class-mapping says what the categories mean: leave --target at "class".')
    folder = home_of(dataset)
    boxes = dataset != "samples" and not (
        folder.is_dir() and not any([*folder.glob("Annotations"), *folder.glob("*/Annotations")])
    )
    if class_mapping and not boxes:
        raise ValueError("--class-mapping is for the categories of Pascal VOC or COCO, and this data set has none.")
    if labels is None:
        return
    named = cast("Classifier", _Named(labels))
    if class_mapping:
        try:
            read_class_mapping(home_of(class_mapping), named)
        except RecursionError as error:
            raise ValueError(f'"{class_mapping}" is no class mapping: it is nested too deeply.') from error
    if not boxes:
        data = read_dataset(dataset)
        examples_of(data._replace(photographs=choose(data.photographs, limit, seed)), named, target)


def _make_classifier(network: NetworkOptions, engine: str, seed: int, folder: Path) -> "Classifier":
    """Return the same classifier at every call and in any folder, random weights included."""
    start_tensorflow()
    import keras

    keras.utils.set_random_seed(seed)
    return load(network, engine, folder)
