"""`tpvis visualise-class`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from tp_visualisation.cli.before import check_class, check_network, check_outputs
from tp_visualisation.cli.options import DEFAULTS, NetworkOptions, Seed, known, one_of, takes_network, whole
from tp_visualisation.cli.running import load, read_photograph
from tp_visualisation.later import start_tensorflow


@takes_network
def visualise_class(
    target: Annotated[str, typer.Argument(help="Class to draw: label, index or WordNet id.")],
    n_steps: Annotated[int, typer.Option(help="Steps of the climb.", callback=whole("--n-steps"))] = 200,
    parameterisation: Annotated[
        str,
        typer.Option(
            help='"fourier", or "pixels" as in the 2014 paper.',
            callback=one_of("--parameterisation", lambda: known("PARAMETERISATIONS")),
        ),
    ] = "fourier",
    init_image: Annotated[str, typer.Option(help="Photograph or sample to start from.", show_default="noise")] = "",
    network: NetworkOptions = DEFAULTS,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Picture, or .gif.", show_default="TARGET.png")
    ] = None,
    seed: Seed = 0,
) -> None:
    """Draw what a class looks like to the network. Try: tpvis visualise-class tarantula -o spider.gif"""
    if not target.strip():
        raise ValueError('the class to draw has an empty name: give its label, such as "tarantula".')
    check_class(target, check_network(network))
    start = read_photograph(init_image)[0] if init_image else None
    output = output or Path(f"{target.replace(os.sep, '_').replace(' ', '_')}.png")
    from tp_visualisation.images import resize
    from tp_visualisation.plotting import check_figure_path, plot_progress, save_figure, save_gif

    animated = output.suffix.lower() == ".gif"
    if not animated:
        check_figure_path(output)
    check_outputs([init_image] if init_image else [], output=output)
    start_tensorflow()
    from tp_visualisation import class_model

    classifier = load(network)
    snapshots = class_model.visualise_class(
        classifier,
        target,
        n_steps=n_steps,
        parameterisation=parameterisation,
        init_image=None if start is None else resize(start, classifier.input_size),
        every=max(1, n_steps // (25 if animated else 5)),
        seed=seed,
        progress=True,
    )
    label = classifier.labels[classifier.class_index(target)].label
    probability = "" if classifier.activation is None else f", probability {snapshots[-1].probability:.4f}"
    print(f"{label}: score {snapshots[-1].score:.1f}{probability}")
    if animated:
        save_gif(snapshots, output)
    else:
        save_figure(plot_progress(snapshots, title=f"{label} ({classifier.name})"), output)
    print(f"figure: {output.resolve()}")
