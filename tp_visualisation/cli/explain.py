"""`tpvis explain`."""

import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from tp_visualisation.cli.before import (
    check_class,
    check_network,
    check_outputs,
    check_photograph,
    check_taken,
    find_names,
)
from tp_visualisation.cli.options import (
    DEFAULTS,
    Engine,
    Methods,
    NetworkOptions,
    Photographs,
    SeedOfMethod,
    number,
    takes_network,
    whole,
)
from tp_visualisation.cli.running import accepted, load, print_predictions, read_photograph

FOLDER = Path("explained")  # where figures of several photographs go
SUFFIXES = {"save_crop": (".png", ".jpg", ".jpeg"), "save_cutout": (".png",)}  # of photographs: the first one


@takes_network
def explain(
    images: Photographs,
    target: Annotated[
        str, typer.Option(help="Class to explain: label, index or WordNet id.", show_default="the most probable one")
    ] = "",
    methods: Methods = "rise",
    network: NetworkOptions = DEFAULTS,
    n_masks: Annotated[int | None, typer.Option(help="Masks of RISE, at most.", callback=whole("--n-masks"))] = None,
    n_steps: Annotated[
        int | None,
        typer.Option(
            help="Steps of a search or of a path: the fewer, the quicker and the rougher.", callback=whole("--n-steps")
        ),
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(
            help="When RISE stops, and when extremal perturbation hurries (0.01 halves its time); 0: never.",
            callback=number("--tolerance", "[0, 1)", ""),
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Figure to write; of several photographs, the folder of the figures.",
            show_default="IMAGE_METHOD.png; explained/",
        ),
    ] = None,
    save_map: Annotated[
        Path | None,
        typer.Option(help="Raw map to write: .npy; .npz for several methods; of several photographs, a folder."),
    ] = None,
    save_crop: Annotated[
        Path | None,
        typer.Option(help="What the map points at, cropped, to write: .png or .jpg; of several photographs, a folder."),
    ] = None,
    save_cutout: Annotated[
        Path | None,
        typer.Option(help="The object cut out, transparent around it: .png; of several photographs, a folder."),
    ] = None,
    box: Annotated[
        bool, typer.Option("--box", help="Draw and print the box around the map's brightest region.")
    ] = False,
    cmap: Annotated[str | None, typer.Option(help='Colour map of matplotlib, "jet" for instance.')] = None,
    engine: Engine = "fastest",
    seed: SeedOfMethod = None,
) -> None:
    """Draw where a network looks: the saliency maps of a photograph, of several, or of all those in a folder."""
    options = {"n_masks": n_masks, "n_steps": n_steps, "tolerance": tolerance, "seed": seed}
    names = find_names(methods, "METHODS", "method")
    check_taken("METHODS", names, **options)
    for image in images:
        check_photograph(image)
    many = len(images) > 1 or Path(images[0]).is_dir()
    files = {"save_map": save_map, "save_crop": save_crop, "save_cutout": save_cutout}
    suffixes = {**SUFFIXES, "save_map": (".npz",) if len(names) > 1 else (".npy",)}
    _check_one_method(names, save_crop, save_cutout)
    named = "_".join(names) if len(names) < 4 else "methods"
    check_class(target, check_network(network))
    if many:
        output = output or FOLDER
        _check_folders({"output": output, **files}, cmap)
        sources = _sources(images, output)
    else:
        first, name = read_photograph(images[0])  # once: it may come through a pipe
        sources = {images[0]: name}
        output = output or Path(f"{sources[images[0]]}_{named}.png")
        _check_outputs(images[0], output, files, suffixes, cmap, len(names))
    from tp_visualisation.saliency import METHODS

    functions = {name: METHODS[name] for name in names}
    classifier = load(network, engine)
    if target:
        classifier.class_index(target)

    skipped = []
    for count, (source, name) in enumerate(sources.items(), start=1):
        try:
            picture = read_photograph(source)[0] if many else first
        except (ValueError, OSError) as error:
            print(f"tpvis: skipped: {_one_line(error)}", file=sys.stderr)
            skipped.append(source)
            continue
        if many:
            print(f"{count} of {len(sources)}: {source}")
        figure, written = output, files
        if many:
            figure = output / f"{name}_{named}.png"
            written = {key: path and path / f"{name}{suffixes[key][0]}" for key, path in files.items()}
        _explain_one(classifier, picture, target, functions, options, figure, written, cmap, box)
    if skipped:
        raise ValueError(f"{len(skipped)} of {len(sources)} photographs were skipped, the others are done.")


def _one_line(error):
    from tp_visualisation.names import one_line

    return one_line(error)


def _sources(images, output):
    """Path, or name of a sample → name for its figure, each with a name of its own; folders give what is in them."""
    from tp_visualisation.images import image_files

    if not any(Path(image).exists() or image in _names_of_samples() for image in images):
        raise FileNotFoundError(f'none of the {len(images)} photographs is there, "{images[0]}" for instance.')
    sources: dict[str, str] = {}
    for image in images:
        found = [image]
        if Path(image).is_dir():
            found = [str(path) for path in image_files(image) if output.resolve() not in path.resolve().parents]
            passed = sum(path.is_file() for path in Path(image).rglob("*")) - len(found)
            if not found:
                raise ValueError(f'there is no photograph in the folder "{image}".')
            if passed:
                print(f"{image}: {passed} other files are passed over", file=sys.stderr)
        for source in found:
            stem, number = Path(source).stem, 2
            name = stem
            while name in sources.values() and source not in sources:
                name, number = f"{stem}_{number}", number + 1
            sources.setdefault(source, name)
    return sources


def _names_of_samples():
    from tp_visualisation.samples import sample_images

    return [sample.name for sample in sample_images()]


def _explain_one(classifier, picture, target, functions, options, output, files, cmap, box):
    """Predict, explain and draw one photograph, and say what was done."""
    from tp_visualisation import plotting
    from tp_visualisation.maps import bounding_box

    index = classifier.class_index(target) if target else None
    has_probabilities = classifier.activation is not None  # a regression has none: its outputs are told
    answers = (classifier.probabilities if has_probabilities else classifier.scores)(picture)[0]
    predictions = classifier.predictions(answers)
    print_predictions(predictions, "7.2%" if has_probabilities else "9.4g")
    index = predictions[0].index if index is None else index
    maps, titles = _explain(classifier, picture, index, functions, options)

    answer = f"probability {answers[index]:.2f}" if has_probabilities else f"output {answers[index]:.4g}"
    title = f"{classifier.labels[index].label}, {answer} ({classifier.name})"
    boxes = {name: bounding_box(saliency_map) for name, saliency_map in maps.items()} if box else {}
    for name, found in boxes.items():
        print(f"box of {name}: left {found.left}, top {found.top}, right {found.right}, bottom {found.bottom}")
    if len(maps) == 1:
        ((name, saliency_map),) = maps.items()
        figure = plotting.plot_explanation(
            picture, saliency_map, title=title, map_title=titles[name], cmap=cmap, box=boxes.get(name)
        )
    else:
        shown, boxes = ({titles[name]: value for name, value in each.items()} for each in (maps, boxes))
        figure = plotting.plot_maps(picture, shown, title=title, cmap=cmap, boxes=boxes)
    for path in filter(None, (output, *files.values())):
        path.parent.mkdir(parents=True, exist_ok=True)  # of several photographs: checked, and not there yet
    plotting.save_figure(figure, output)
    print(f"figure: {output.resolve()}")
    for key, path in files.items():
        if path:
            _SAVE[key](picture, maps, path)
            print(f"{key.removeprefix('save_')}: {path.resolve()}")


def _check_one_method(names, save_crop, save_cutout):
    for option, path in (("--save-crop", save_crop), ("--save-cutout", save_cutout)):
        if path and len(names) > 1:
            raise ValueError(f"{option} is for one method, got {len(names)}: {', '.join(names)}.")


def _check_outputs(image, output, files, suffixes, cmap, n_methods):
    """Raise before any slow work if a file cannot be written or a colour map does not exist."""
    from tp_visualisation.plotting import check_colour_map, check_figure_path

    check_figure_path(output)
    check_colour_map(cmap)
    for key, path in files.items():
        if path and path.suffix.lower() not in suffixes[key]:
            option, asked = f"--{key.replace('_', '-')}", "one method" if n_methods == 1 else "several methods"
            raise ValueError(f'{option} must end in {" or ".join(suffixes[key])} for {asked}, got "{path}".')
    check_outputs([image], output=output, **files)


def _check_folders(folders, cmap):
    """The same for several photographs, whose figures, maps and the like go into folders."""
    from tp_visualisation.plotting import check_colour_map

    check_colour_map(cmap)
    for key, folder in folders.items():
        if folder is None:
            continue
        option = f"--{key.replace('_', '-')}"
        if folder.suffix or folder.is_file():
            raise ValueError(f'{option} must be a folder for several photographs, got "{folder}".')
        there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        if not os.access(there, os.W_OK):
            raise PermissionError(f'{option}: nothing can be written into the folder "{there}".')


def _explain(classifier, picture, target, functions, options):
    """The map of each method and a title with its time. Of several, one that cannot do this network is left out."""
    from tp_visualisation.names import one_line

    maps, titles = {}, {}
    for name, method in functions.items():
        chosen = accepted(method, {**options, "progress": True})
        start = time.perf_counter()
        try:
            maps[name] = method(classifier, picture, target, **chosen)
        except ValueError as error:
            if len(functions) == 1:
                raise
            print(f"{name}: left out: {one_line(error)}", file=sys.stderr)
            continue
        seconds = time.perf_counter() - start
        titles[name] = f"{name}, {seconds:.1f} s"
        print(f"{name:26} {seconds:6.1f} s")
    if not maps:
        raise ValueError("none of these methods can explain this network.")
    return maps, titles


def _save_maps(picture, maps, path):
    import numpy as np

    from tp_visualisation.files import replacing

    with replacing(path) as temporary:
        if path.suffix == ".npy":
            np.save(temporary, *maps.values())
        else:
            np.savez(temporary, **maps)


def _save_crop(picture, maps, path):
    from tp_visualisation import plotting
    from tp_visualisation.maps import crop

    (saliency_map,) = maps.values()
    plotting.save_figure(crop(picture, saliency_map), path)


def _save_cutout(picture, maps, path):
    import numpy as np

    from tp_visualisation import plotting
    from tp_visualisation.maps import cut_out

    (saliency_map,) = maps.values()
    opaque = cut_out(picture, saliency_map) * np.uint8(255)
    plotting.save_figure(np.dstack([picture, opaque]), path)


_SAVE = {"save_map": _save_maps, "save_crop": _save_crop, "save_cutout": _save_cutout}
