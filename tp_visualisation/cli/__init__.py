"""`tpvis`: the library's verbs at the shell, one file a command.

Heavy modules are imported inside the commands, so that `tpvis --help` answers at once; `options` holds what commands
have in common before they run, `running` what they share when they do.
"""

import atexit
import gc
import sys
import warnings

import typer

from tp_visualisation.cli.attack import attack
from tp_visualisation.cli.doctor import doctor
from tp_visualisation.cli.evaluate import evaluate
from tp_visualisation.cli.explain import explain
from tp_visualisation.cli.networks import networks
from tp_visualisation.cli.samples import samples
from tp_visualisation.cli.visualise_class import visualise_class
from tp_visualisation.names import one_line

__all__ = ["app", "main"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="See how a neural network sees. Try: tpvis explain dalmatian",
)
for command in (explain, attack, visualise_class, evaluate, samples, networks, doctor):
    app.command()(command)


def main() -> None:
    """Run `tpvis`; a mistake in the input ends in one line on stderr and exit code 2."""
    warnings.formatwarning = lambda message, *place: f"tpvis: {message}\n"  # one line
    atexit.register(gc.freeze)  # to look for garbage before the memory goes anyway takes a second
    try:
        app()
    except (ValueError, OSError) as error:
        print(f"tpvis: {one_line(error)}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
