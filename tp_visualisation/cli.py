"""`tpvis`: the library's verbs at the shell. Heavy modules are imported inside commands: `--help` answers at once."""

import atexit
import gc
import inspect
import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="See how a neural network sees. Try: tpvis explain dalmatian",
)

Image = Annotated[
    str, typer.Argument(help="A photograph: the path of a file, or the name of a sample (tpvis samples).")
]
Network = Annotated[str, typer.Option(help="A name of `tpvis networks`.")]
Weights = Annotated[str, typer.Option(help='"imagenet", "none" for random weights, or the path of a weights file.')]
Engine = Annotated[
    str,
    typer.Option(
        help="What runs forward passes: tensorflow, openvino, or auto: TensorFlow, but for explain OpenVINO in bf16 "
        "where it is installed and the processor has bf16."
    ),
]
Seed = Annotated[int, typer.Option(help="The same seed gives the same result.")]


def main():
    """Run `tpvis`; a mistake in the input ends in one line on stderr and exit code 2."""
    atexit.register(gc.freeze)  # to look for garbage before the memory goes anyway takes a second
    try:
        app()
    except (ValueError, OSError) as error:
        print(f"tpvis: {_one_line(error)}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


@app.command()
def explain(
    image: Image,
    target: Annotated[
        str, typer.Option(help="Class to explain: label, index or WordNet id. [default: predicted]")
    ] = "",
    method: Annotated[str, typer.Option("--method", "-m", help='Methods, separated by commas, or "all".')] = "rise",
    network: Network = "efficientnet_lite0",
    weights: Weights = "imagenet",
    n_masks: Annotated[int | None, typer.Option(help="Masks of RISE, at most.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Figure to write. [default: IMAGE_METHOD.png]")
    ] = None,
    save_map: Annotated[Path | None, typer.Option(help="Raw map to write: .npy; .npz for several methods.")] = None,
    cmap: Annotated[str | None, typer.Option(help='Colour map of matplotlib, "jet" for instance.')] = None,
    engine: Engine = "auto",
    seed: Seed = 0,
):
    """Draw where a network looks: the saliency maps of a photograph."""
    picture, stem = _read(image)
    names = _method_names(method)
    output = output or Path(f"{stem}_{'_'.join(names) if len(names) < 4 else 'methods'}.png")
    _check_outputs(output, save_map, cmap, several=len(names) > 1)
    classifier = _load(network, weights, engine, precision="auto" if engine == "auto" else "f32")
    target = classifier.class_index(target) if target else None

    predictions = classifier.top(picture)
    _print_predictions(predictions)
    target = predictions[0].index if target is None else target
    maps, titles = _explain(classifier, picture, target, names, {"n_masks": n_masks, "seed": seed})

    from tp_visualisation import plotting

    probability = float(classifier.probabilities(picture)[0, target])
    title = f"{classifier.labels[target].label}, probability {probability:.2f} ({classifier.name})"
    if len(maps) == 1:
        figure = plotting.plot_explanation(picture, maps[names[0]], title=title, map_title=titles[names[0]], cmap=cmap)
    else:
        figure = plotting.plot_maps(picture, {titles[name]: maps[name] for name in maps}, title=title, cmap=cmap)
    plotting.save_figure(figure, output)
    print(f"figure: {output.resolve()}")
    if save_map:
        _save_maps(maps, save_map)
        print(f"map: {save_map.resolve()}")


@app.command()
def attack(
    image: Image,
    to: Annotated[
        str, typer.Option(help="Class that the network must see: label, index or WordNet id. [default: any other]")
    ] = "",
    method: Annotated[
        str, typer.Option("--method", "-m", help="fool, fgsm, pgd, deepfool or confined_attack.")
    ] = "fool",
    epsilon: Annotated[
        float | None, typer.Option(help="Largest change of a pixel, in grey levels (fgsm, pgd).")
    ] = None,
    network: Network = "efficientnet_lite0",
    weights: Weights = "imagenet",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Figure to write. [default: IMAGE_METHOD.png]")
    ] = None,
    save_image: Annotated[Path | None, typer.Option(help="Adversarial image to write, .png.")] = None,
    seed: Seed = 0,
):
    """Change a photograph a little so that the network errs. Try: tpvis attack dalmatian --to stingray"""
    from tp_visualisation.names import counted, find_name
    from tp_visualisation.plotting import check_figure_path, plot_adversarial, save_figure

    picture, stem = _read(image)
    _start_tensorflow()
    from tp_visualisation.adversarial import ATTACKS

    method = find_name(method, ATTACKS, "attack")
    output = output or Path(f"{stem}_{method}.png")
    check_figure_path(output)
    if save_image and save_image.suffix.lower() != ".png":
        raise ValueError(f'--save-image must end in .png, which loses nothing, got "{save_image}".')
    chosen = _accepted(ATTACKS[method], {"target": to or None, "epsilon": epsilon, "seed": seed})
    if method == "fool" and not to:
        raise ValueError("fool climbs the score of one class: name it with --to.")
    if epsilon is not None and "epsilon" not in chosen:
        raise ValueError(f"{method} takes no --epsilon: it looks for the smallest change by itself.")

    example = ATTACKS[method](_load(network, weights, "auto"), picture, **chosen)
    for name, predictions in (("before", example.original_top), ("after", example.adversarial_top)):
        print(f"{name}:")
        _print_predictions(predictions)
    steps = counted(example.n_steps, "step")
    print(f"{steps}, largest change {example.linf:.0f} grey levels, l2 norm {example.l2:.0f}")
    print("the network is fooled" if example.success else f"the network is not fooled: {example.reason}")
    save_figure(plot_adversarial(example), output)
    print(f"figure: {output.resolve()}")
    if save_image:
        example.save(save_image)
        print(f"image: {save_image.resolve()}")


@app.command("visualise-class")
def visualise_class(
    target: Annotated[str, typer.Argument(help="Class to draw: label, index or WordNet id.")],
    iterations: Annotated[int, typer.Option(help="Steps of the climb.")] = 200,
    parameterisation: Annotated[str, typer.Option(help='"fourier", or "pixels" as in the 2014 paper.')] = "fourier",
    init_image: Annotated[str, typer.Option(help="Photograph or sample to start from. [default: noise]")] = "",
    network: Network = "efficientnet_lite0",
    weights: Weights = "imagenet",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Picture, or .gif. [default: TARGET.png]")
    ] = None,
    seed: Seed = 0,
):
    """Draw what a class looks like to the network. Try: tpvis visualise-class tarantula -o spider.gif"""
    from tp_visualisation.images import resize
    from tp_visualisation.plotting import check_figure_path, plot_progress, save_figure, save_gif

    start = _read(init_image)[0] if init_image else None
    output = output or Path(f"{target.replace(os.sep, '_').replace(' ', '_')}.png")
    check_figure_path(output)
    _start_tensorflow()
    from tp_visualisation import class_model

    classifier = _load(network, weights, "auto")
    animated = output.suffix.lower() == ".gif"
    snapshots = class_model.visualise_class(
        classifier,
        target,
        n_iterations=iterations,
        parameterisation=parameterisation,
        init_image=None if start is None else resize(start, classifier.input_size),
        every=max(1, iterations // (25 if animated else 5)),
        seed=seed,
        progress=True,
    )
    label = classifier.labels[classifier.class_index(target)].label
    print(f"{label}: score {snapshots[-1].score:.1f}, probability {snapshots[-1].probability:.4f}")
    if animated:
        save_gif([snapshot.image for snapshot in snapshots], output)
    else:
        save_figure(plot_progress(snapshots, title=f"{label} ({classifier.name})"), output)
    print(f"figure: {output.resolve()}")


@app.command()
def evaluate(
    dataset: Annotated[
        str,
        typer.Argument(
            help='"samples", a folder of images named or foldered by class, VOCdevkit/VOC2007, a COCO file.'
        ),
    ],
    methods: Annotated[str, typer.Option("--methods", "-m", help='Methods, separated by commas, or "all".')] = (
        "gradient,grad_cam,rise"
    ),
    metrics: Annotated[
        str, typer.Option(help="deletion, insertion, overall, pointing (needs boxes), density, time.")
    ] = "deletion,insertion,overall,time",
    network: Network = "efficientnet_lite0",
    weights: Weights = "imagenet",
    engine: Engine = "auto",
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Rows, .csv or .parquet: a run that was stopped goes on from them.")
    ] = Path("results.csv"),
    target: Annotated[str, typer.Option(help='"class" of the data set, or "predicted".')] = "class",
    limit: Annotated[int | None, typer.Option(help="Images, at most, drawn with the seed. [default: all]")] = None,
    split: Annotated[str | None, typer.Option(help="Of VOC. [default: test]")] = None,
    images: Annotated[Path | None, typer.Option(help="Folder of COCO's images. [default: looked for]")] = None,
    class_mapping: Annotated[
        Path | None, typer.Option(help="JSON file: category → classes. [default: ImageNet's, built in]")
    ] = None,
    step: Annotated[int, typer.Option(help="Pixels changed at a time in deletion and insertion.")] = 224,
    figure: Annotated[Path | None, typer.Option(help="Figure to write.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Table to write, .md.")] = None,
    latex: Annotated[Path | None, typer.Option(help="Table to write, .tex.")] = None,
    scheduler: Annotated[str | None, typer.Option(help="Address of a Dask scheduler to run on.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes of this machine to run on.")] = None,
    seed: Seed = 0,
):
    """Judge saliency methods on a data set. Try: tpvis evaluate samples -m gradient,grad_cam --limit 4"""
    from functools import partial

    from rich.console import Console

    from tp_visualisation.files import check_parent, replacing
    from tp_visualisation.plotting import check_figure_path, plot_benchmark, save_figure

    if figure:
        check_figure_path(figure)
    for path in filter(None, (markdown, latex)):
        check_parent(path)
    names = _method_names(methods)
    if not output.suffix:
        raise ValueError(f'--output must end in .csv or .parquet, got "{output}".')
    from tp_visualisation.evaluation import benchmark

    result = benchmark(
        partial(
            _make_classifier, network, str(Path(weights).resolve()) if Path(weights).exists() else weights, engine, seed
        ),
        dataset,
        names,
        [name.strip() for name in metrics.split(",") if name.strip()],
        output=output,
        target=target,
        split=split,
        images=images,
        class_mapping=class_mapping,
        limit=limit,
        step=step,
        scheduler=scheduler,
        workers=workers,
        seed=seed,
        progress=True,
    )
    n_images = len({row.image for row in result.rows})
    title = f"{dataset}, {n_images} images, {network}"
    console = Console(soft_wrap=True) if sys.stdout.isatty() else Console(width=240)
    console.print(result.table(f"{title}\nmeans (of time: medians) with 95 % bootstrap intervals"))
    if result.skipped:
        print(f"skipped: {len(result.skipped)} of {n_images} images, see the column error of the rows")
    print(f"rows: {output.resolve()}")
    for path, text in ((markdown, result.markdown()), (latex, result.latex())):
        if path:
            with replacing(path) as temporary:
                temporary.write_text(text, encoding="utf-8")
            print(f"table: {path.resolve()}")
    if figure:
        save_figure(plot_benchmark(result.scores, title=title), figure)
        print(f"figure: {figure.resolve()}")


@app.command()
def samples():
    """List the photographs that come with the installation."""
    from tp_visualisation import sample_images

    for sample in sample_images():
        print(f"{sample.name:16} class {sample.class_index:3}  {sample.path}")


@app.command()
def networks():
    """List the networks: which are here offline, which need a download or a package."""
    _start_tensorflow()
    from tp_visualisation.networks import NAMES, find_weights, where_to_get

    for name in NAMES:
        path = find_weights(name)
        print(f"{name:20} {'here: ' + str(path) if path else where_to_get(name)}")


@app.command()
def doctor():
    """Say what is installed, what runs the networks, and whether a real photograph is classified right."""
    import importlib.metadata
    import platform

    print(
        f"python           {platform.python_version()}  {platform.system()} {platform.machine()}, {os.cpu_count()} CPUs"
    )
    for package in ("tp_visualisation", "tensorflow", "keras", "numpy", "opencv-python", "matplotlib", "openvino"):
        try:
            print(f"{package:16} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            print(f"{package:16} not installed")
    _start_tensorflow()
    import tensorflow as tf

    from tp_visualisation import sample_images
    from tp_visualisation.engines import computes_in_bf16

    gpus = tf.config.list_physical_devices("GPU")
    print(f"GPU              {', '.join(gpu.name for gpu in gpus) or 'none: everything runs on the CPU'}")
    networks()
    classifier = _load("efficientnet_lite0", "imagenet", "auto")
    print(f"engine           {classifier.engine.name}: {classifier.engine.description}")
    fast = "openvino in bf16" if computes_in_bf16() else "the same: no OpenVINO, or a processor without bf16"
    print(f"for explain      {fast}")
    sample = sample_images()["dalmatian"]
    best = classifier.top(sample.image, 1)[0]
    print(f"self-test        the sample {sample.name} is seen as {best.label}, probability {best.probability:.2f}")
    if best.index != sample.class_index:
        raise ValueError("the embedded network does not work here: reinstall with pip install --force-reinstall.")


def _read(image):
    """The RGB array and a name for files: of a path, or of a sample where there is no such file."""
    from tp_visualisation import load_image, sample_images

    if not Path(image).exists() and not Path(image).suffix and os.sep not in image:
        try:
            sample = sample_images()[image]
        except ValueError as error:
            raise FileNotFoundError(f'there is no file "{image}", and {error} `tpvis samples` lists them.') from error
        return sample.image, sample.name
    return load_image(image), Path(image).stem


def _method_names(method):
    """The names asked for, checked against `METHODS` before anything slow."""
    from tp_visualisation.names import find_name

    _start_tensorflow()
    from tp_visualisation.saliency import METHODS

    if method.strip() == "all":
        return list(METHODS)
    names = [find_name(name, METHODS, "method") for name in method.split(",") if name.strip()]
    if not names:
        raise ValueError(f"no method given. There are: {', '.join(METHODS)}.")
    return list(dict.fromkeys(names))


def _check_outputs(output, save_map, cmap, several):
    """Raise before any slow work if a file cannot be written or a colour map does not exist."""
    from tp_visualisation.plotting import check_colour_map, check_figure_path

    check_figure_path(output)
    check_colour_map(cmap)
    suffix = ".npz" if several else ".npy"
    if save_map and save_map.suffix != suffix:
        raise ValueError(
            f'--save-map must end in {suffix} for {"several methods" if several else "one method"}, got "{save_map}".'
        )
    if save_map and not save_map.parent.is_dir():
        raise FileNotFoundError(f'the folder "{save_map.parent}" does not exist: create it first.')


def _load(network, weights, engine, precision="f32"):
    _start_tensorflow()
    from tp_visualisation import load_classifier

    weights = None if weights.lower() == "none" else weights
    return load_classifier(network, weights, engine=engine, precision=precision)


def _make_classifier(network, weights, engine, seed):
    """The same classifier at every call, random weights included."""
    import keras

    keras.utils.set_random_seed(seed)
    return _load(network, weights, engine)


def _explain(classifier, picture, target, names, options):
    """The map of each method and a title with its time. Of several, one that cannot do this network is left out."""
    from tp_visualisation.saliency import METHODS

    maps, titles = {}, {}
    for name in names:
        chosen = _accepted(METHODS[name], {**options, "progress": True})
        start = time.perf_counter()
        try:
            maps[name] = METHODS[name](classifier, picture, target, **chosen)
        except ValueError as error:
            if len(names) == 1:
                raise
            print(f"{name}: left out: {_one_line(error)}", file=sys.stderr)
            continue
        seconds = time.perf_counter() - start
        titles[name] = f"{name}, {seconds:.1f} s"
        print(f"{name:26} {seconds:6.1f} s")
    if not maps:
        raise ValueError("none of these methods can explain this network.")
    return maps, titles


def _accepted(function, options):
    """Those of the options that were given and that `function` takes."""
    parameters = inspect.signature(function).parameters
    return {name: value for name, value in options.items() if value is not None and name in parameters}


def _save_maps(maps, path):
    import numpy as np

    from tp_visualisation.files import replacing

    with replacing(path) as temporary:
        if len(maps) == 1 and path.suffix == ".npy":
            np.save(temporary, *maps.values())
        else:
            np.savez(temporary, **maps)


def _print_predictions(predictions):
    for prediction in predictions:
        print(f"{prediction.probability:7.2%}  {prediction.index:4}  {prediction.wnid or '':9}  {prediction.label}")


def _one_line(error):
    return " ".join(str(error).split()) or type(error).__name__


def _start_tensorflow():
    """Import TensorFlow without the log lines that it writes past Python's stderr, unless they were asked for."""
    if "tensorflow" in sys.modules or os.environ.get("TF_CPP_MIN_LOG_LEVEL") == "0":
        return
    gc.disable()  # what an import makes stays, and to look for garbage in it takes half a second
    with _silent_stderr():
        import tensorflow as tf

        tf.constant(0)
    gc.enable()
    gc.freeze()


@contextmanager
def _silent_stderr():
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


if __name__ == "__main__":
    main()
