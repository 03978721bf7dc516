"""`tpvis attack`."""

from pathlib import Path
from typing import Annotated

import typer

from tp_visualisation.cli.before import check_class, check_network, check_outputs, check_taken
from tp_visualisation.cli.options import (
    DEFAULTS,
    NetworkOptions,
    Photograph,
    SeedOfMethod,
    known,
    listed,
    number,
    parameters_of,
    takes_network,
)
from tp_visualisation.cli.running import accepted, load, print_predictions, read_photograph
from tp_visualisation.later import start_tensorflow


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
            help="Largest change of a pixel, in grey levels; not every method takes it.",
            show_default="the method's",
            callback=number("--epsilon", "[1, 255]", "grey levels, of which 1 is the smallest change"),
        ),
    ] = None,
    network: NetworkOptions = DEFAULTS,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Figure to write.", show_default="IMAGE_METHOD.png")
    ] = None,
    save_image: Annotated[Path | None, typer.Option(help="Adversarial image to write, .png.")] = None,
    seed: SeedOfMethod = None,
) -> None:
    """Change a photograph a little so that the network errs. Try: tpvis attack dalmatian --to stingray"""
    from tp_visualisation.names import counted, find_name

    method = find_name(method, known("ATTACKS"), "attack")
    check_taken("ATTACKS", [method], epsilon=epsilon, seed=seed)
    if not to and not parameters_of("ATTACKS", method)["target"]:
        raise ValueError(f"{method} goes to one class: name it with --to.")
    if save_image and save_image.suffix.lower() != ".png":
        raise ValueError(f'--save-image must end in .png, which loses nothing, got "{save_image}".')
    picture, stem = read_photograph(image)
    output = output or Path(f"{stem}_{method}.png")
    check_class(to, check_network(network))
    from tp_visualisation.plotting import check_figure_path, plot_adversarial, save_figure

    check_figure_path(output)
    check_outputs([image], output=output, save_image=save_image)
    start_tensorflow()
    from tp_visualisation.adversarial import ATTACKS

    options = {"target": to or None, "epsilon": epsilon, "seed": seed, "progress": True}
    example = ATTACKS[method](load(network), picture, **accepted(ATTACKS[method], options))
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
