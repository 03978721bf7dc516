"""`tpvis attack`."""

import inspect
from pathlib import Path
from typing import Annotated

import typer

from tp_visualisation.cli.options import DEFAULTS, NetworkOptions, Photograph, Seed, listed, takes_network
from tp_visualisation.cli.running import accepted, load, print_predictions, read_photograph, start_tensorflow


@takes_network
def attack(
    image: Photograph,
    to: Annotated[
        str, typer.Option(help="Class that the network must see: label, index or WordNet id.", show_default="any other")
    ] = "",
    method: Annotated[str, typer.Option("--method", "-m", help=f"One of: {listed('ATTACKS')}.")] = "fool",
    epsilon: Annotated[
        float | None,
        typer.Option(
            help="Largest change of a pixel, in grey levels; not every method takes it.", show_default="the method's"
        ),
    ] = None,
    network: NetworkOptions = DEFAULTS,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Figure to write.", show_default="IMAGE_METHOD.png")
    ] = None,
    save_image: Annotated[Path | None, typer.Option(help="Adversarial image to write, .png.")] = None,
    seed: Seed = 0,
) -> None:
    """Change a photograph a little so that the network errs. Try: tpvis attack dalmatian --to stingray"""
    from tp_visualisation.files import check_parent
    from tp_visualisation.names import counted, find_name
    from tp_visualisation.plotting import check_figure_path, plot_adversarial, save_figure

    picture, stem = read_photograph(image)
    start_tensorflow()
    from tp_visualisation.adversarial import ATTACKS

    method = find_name(method, ATTACKS, "attack")
    function = ATTACKS[method]
    output = output or Path(f"{stem}_{method}.png")
    check_figure_path(output)
    if save_image and save_image.suffix.lower() != ".png":
        raise ValueError(f'--save-image must end in .png, which loses nothing, got "{save_image}".')
    if save_image:
        check_parent(save_image)
    chosen = accepted(function, {"target": to or None, "epsilon": epsilon, "seed": seed, "progress": True})
    if not to and inspect.signature(function).parameters["target"].default is inspect.Parameter.empty:
        raise ValueError(f"{method} goes to one class: name it with --to.")
    if epsilon is not None and "epsilon" not in chosen:
        raise ValueError(f"{method} takes no --epsilon.")

    example = function(load(network), picture, **chosen)
    for name, predictions in (("before", example.original_top), ("after", example.adversarial_top)):
        print(f"{name}:")
        print_predictions(predictions)
    steps = counted(example.n_steps, "step")
    print(f"{steps}, largest change {example.linf:.0f} grey levels, l2 norm {example.l2:.0f}")
    print("the network is fooled" if example.success else f"the network is not fooled: {example.reason}")
    save_figure(plot_adversarial(example), output)
    print(f"figure: {output.resolve()}")
    if save_image:
        example.save(save_image)
        print(f"image: {save_image.resolve()}")
