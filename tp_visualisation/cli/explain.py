"""`tpvis explain`."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from tp_visualisation.cli.options import DEFAULTS, Engine, Methods, NetworkOptions, Photograph, Seed, takes_network
from tp_visualisation.cli.running import accepted, find_methods, load, print_predictions, read_photograph


@takes_network
def explain(
    image: Photograph,
    target: Annotated[
        str, typer.Option(help="Class to explain: label, index or WordNet id.", show_default="the most probable one")
    ] = "",
    methods: Methods = "rise",
    network: NetworkOptions = DEFAULTS,
    n_masks: Annotated[int | None, typer.Option(help="Masks of RISE, at most.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Figure to write.", show_default="IMAGE_METHOD.png")
    ] = None,
    save_map: Annotated[Path | None, typer.Option(help="Raw map to write: .npy; .npz for several methods.")] = None,
    cmap: Annotated[str | None, typer.Option(help='Colour map of matplotlib, "jet" for instance.')] = None,
    engine: Engine = "fastest",
    seed: Seed = 0,
) -> None:
    """Draw where a network looks: the saliency maps of a photograph."""
    picture, stem = read_photograph(image)
    functions = find_methods(methods)
    names = list(functions)
    output = output or Path(f"{stem}_{'_'.join(names) if len(names) < 4 else 'methods'}.png")
    _check_outputs(output, save_map, cmap, several=len(names) > 1)
    classifier = load(network, engine)
    index = classifier.class_index(target) if target else None

    has_probabilities = classifier.activation is not None  # a regression has none: its outputs are told
    answers = (classifier.probabilities if has_probabilities else classifier.scores)(picture)[0]
    predictions = classifier.predictions(answers)
    print_predictions(predictions, "7.2%" if has_probabilities else "9.4g")
    index = predictions[0].index if index is None else index
    maps, titles = _explain(classifier, picture, index, functions, {"n_masks": n_masks, "seed": seed})

    from tp_visualisation import plotting

    answer = f"probability {answers[index]:.2f}" if has_probabilities else f"output {answers[index]:.4g}"
    title = f"{classifier.labels[index].label}, {answer} ({classifier.name})"
    if len(maps) == 1:
        ((name, saliency_map),) = maps.items()
        figure = plotting.plot_explanation(picture, saliency_map, title=title, map_title=titles[name], cmap=cmap)
    else:
        figure = plotting.plot_maps(picture, {titles[name]: maps[name] for name in maps}, title=title, cmap=cmap)
    plotting.save_figure(figure, output)
    print(f"figure: {output.resolve()}")
    if save_map:
        _save_maps(maps, save_map)
        print(f"map: {save_map.resolve()}")


def _check_outputs(output, save_map, cmap, several):
    """Raise before any slow work if a file cannot be written or a colour map does not exist."""
    from tp_visualisation.files import check_parent
    from tp_visualisation.plotting import check_colour_map, check_figure_path

    check_figure_path(output)
    check_colour_map(cmap)
    suffix = ".npz" if several else ".npy"
    if save_map and save_map.suffix != suffix:
        asked = "several methods" if several else "one method"
        raise ValueError(f'--save-map must end in {suffix} for {asked}, got "{save_map}".')
    if save_map:
        check_parent(save_map)


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


def _save_maps(maps, path):
    import numpy as np

    from tp_visualisation.files import replacing

    with replacing(path) as temporary:
        if path.suffix == ".npy":
            np.save(temporary, *maps.values())
        else:
            np.savez(temporary, **maps)
