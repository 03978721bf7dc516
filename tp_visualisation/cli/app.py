"""The commands of `tpvis`, and what may stand before them."""

from typing import Annotated

import typer

from tp_visualisation.cli.attack import attack
from tp_visualisation.cli.course import course
from tp_visualisation.cli.doctor import doctor
from tp_visualisation.cli.evaluate import evaluate
from tp_visualisation.cli.explain import explain
from tp_visualisation.cli.explore import explore
from tp_visualisation.cli.networks import networks
from tp_visualisation.cli.samples import samples
from tp_visualisation.cli.visualise_class import visualise_class

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="See how a neural network sees. Try: tpvis explain dalmatian",
)
for command in (explain, attack, visualise_class, evaluate, explore, course, samples, networks, doctor):
    app.command()(command)


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="After a mistake show where it came from, too.")] = False,
) -> None:
    """What may stand before the command; `main` looks for it too, as not every mistake comes this far."""
