"""`tpvis evaluate`."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tp_visualisation.cli.options import DEFAULTS, Engine, Methods, NetworkOptions, Seed, listed, takes_network
from tp_visualisation.cli.running import find_methods, load, start_tensorflow, with_whole_paths

if TYPE_CHECKING:
    from tp_visualisation.classifier import Classifier


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
            help=f"What to measure, separated by commas: {listed('METRICS')}. Pointing needs boxes: Pascal VOC or COCO."
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
            help='Class to explain: "class", the one that the data set gives, or "predicted", what the network sees.'
        ),
    ] = "class",
    limit: Annotated[
        int | None, typer.Option(help="Take at most this many images, drawn at random with --seed.", show_default="all")
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
    step_size: Annotated[int, typer.Option(help="Pixels that deletion and insertion change at a time.")] = 224,
    figure: Annotated[Path | None, typer.Option(help="Figure of the table to write.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Table to write, .md.")] = None,
    latex: Annotated[Path | None, typer.Option(help="Table to write, .tex.")] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Share the work among the machines of this Dask scheduler (its address).")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Share the work among so many processes of this machine.")] = None,
    seed: Seed = 0,
) -> None:
    """Judge saliency methods on a data set. Try: tpvis evaluate samples -m gradient,grad_cam --limit 4

    Prints the table: for each method and metric the mean over the maps, of times the median, with a 95 % interval.
    """
    from rich.console import Console

    from tp_visualisation.files import check_parent, replacing
    from tp_visualisation.plotting import check_figure_path, plot_benchmark, save_figure

    if figure:
        check_figure_path(figure)
    for path in filter(None, (markdown, latex)):
        check_parent(path)
    functions = find_methods(methods)
    if not output.suffix:
        raise ValueError(f'--output must end in .csv or .parquet, got "{output}".')
    from tp_visualisation.evaluation import benchmark, find_metric

    chosen = list(dict.fromkeys(find_metric(name) for name in metrics.split(",") if name.strip()))
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
    title = f"{dataset}, {n_images} images, {network.name}"
    medians = ", ".join(metric.name for metric in chosen if metric.statistic == "median")
    statistics = f"means (of {medians}: medians)" if medians else "means"
    console = Console(soft_wrap=True) if sys.stdout.isatty() else Console(width=240)
    console.print(result.table(f"{title}\n{statistics} with 95 % bootstrap intervals"))
    if result.skipped:
        print(f"skipped: {len(result.skipped)} of {n_images} images, see the column error of the rows")
    print(f"rows: {output.resolve()}")
    for table, text in ((markdown, result.markdown()), (latex, result.latex())):
        if table:
            with replacing(table) as temporary:
                temporary.write_text(text, encoding="utf-8")
            print(f"table: {table.resolve()}")
    if figure:
        save_figure(plot_benchmark(result.summaries, title=title), figure)
        print(f"figure: {figure.resolve()}")


def _make_classifier(network: NetworkOptions, engine: str, seed: int, folder: Path) -> "Classifier":
    """Return the same classifier at every call and in any folder, random weights included."""
    start_tensorflow()
    import keras

    keras.utils.set_random_seed(seed)
    return load(network, engine, folder)
