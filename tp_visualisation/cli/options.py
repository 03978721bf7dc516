"""The options that commands have in common, and the names that their help texts list.

Nothing heavy is imported here: what a table of the library lists is read from the source of the file that fills it,
since to import that file would make `--help` wait for TensorFlow.
"""

import ast
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from tp_visualisation.checks import check_integer

_PACKAGE = Path(__file__).parent.parent
_TABLES = {  # table → the file that fills it
    "ATTACKS": "adversarial/__init__.py",
    "DEFAULT": "networks/__init__.py",
    "ENGINES": "engines/choice.py",
    "METHODS": "saliency/__init__.py",
    "METRICS": "evaluation/metrics.py",
}


def names_in(table: str) -> list[str]:
    """Return the names in a table, in its order, as the source of its file has them: not those added later."""
    match _value(table):
        case ast.Dict(keys=names) | ast.Tuple(elts=names):  # {"fool": fool, ...}, ("tensorflow", "openvino", ...)
            pass
        case value:  # {metric.name: metric for metric in (Metric("deletion", ...), ...)}
            names = [node.args[0] for node in ast.walk(value) if isinstance(node, ast.Call)]
    return [ast.literal_eval(name) for name in names if name]


def _value(table):
    """What a table is made from, in the source of its file: an expression."""
    for statement in ast.parse((_PACKAGE / _TABLES[table]).read_text(encoding="utf-8")).body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=value)
                | ast.Expr(ast.Call(func=ast.Attribute(ast.Name(id=name), attr="update"), args=[value]))
            ) if name == table:
                return value
    raise LookupError(f"{_TABLES[table]} does not fill {table}.")


def listed(table: str) -> str:
    """Return the names in a table, for a help text."""
    return ", ".join(names_in(table))


DEFAULT_NETWORK: str = ast.literal_eval(_value("DEFAULT"))

Photograph = Annotated[
    str, typer.Argument(help="A photograph: the path of a file, or the name of a sample (tpvis samples).")
]
Photographs = Annotated[
    list[str],
    typer.Argument(
        metavar="IMAGE...", help="Photographs: paths of files or folders, or names of samples (tpvis samples)."
    ),
]
Methods = Annotated[
    str,
    typer.Option(
        "--methods",
        "--method",
        "-m",
        help=f'Saliency methods, separated by commas, or "all". There are: {listed("METHODS")}.',
    ),
]
Engine = Annotated[
    str,
    typer.Option(
        help=f"What runs forward passes: {listed('ENGINES')}. `tpvis doctor` says which one is the fastest here."
    ),
]


def _checked_seed(seed: int) -> int:
    check_integer("[0, inf)", seed=seed)
    return seed


Seed = Annotated[int, typer.Option(help="The same seed gives the same result.", callback=_checked_seed)]


class NetworkOptions(NamedTuple):
    """Which network, as it was said at the shell: a command takes it as one parameter, see `takes_network`."""

    name: Annotated[
        str,
        typer.Option(
            "--network",
            help="A name of `tpvis networks`, or one of your own: a file .keras or .h5, or the folder of a SavedModel.",
        ),
    ] = DEFAULT_NETWORK
    weights: Annotated[
        str, typer.Option(help='"imagenet", "none" for random weights, or the path of a weights file.')
    ] = "imagenet"
    labels: Annotated[
        Path | None,
        typer.Option(
            help="For a network of your own: text file, a class a line.", show_default="class 0, class 1, ..."
        ),
    ] = None
    preprocess: Annotated[
        str | None,
        typer.Option(
            help='What a network of your own was trained on: "[0,1]", "[-1,1]", imagenet, or none for RGB in [0, 255]; '
            "or a function of yours, MODULE:FUNCTION, in the current folder or installed.",
            show_default="none",
        ),
    ] = None
    input_size: Annotated[
        int | None,
        typer.Option(help="Its input size, in pixels, where the model does not say.", show_default="the model's"),
    ] = None
    activation: Annotated[
        str,
        typer.Option(
            help="What makes probabilities of its scores, where the model does not say: softmax, sigmoid (each class "
            "for itself), none for outputs that are no scores of classes, or auto."
        ),
    ] = "auto"
    model_output: Annotated[
        str | None, typer.Option(help="Of a model with several outputs, the name or number of the one to explain.")
    ] = None
    trust: Annotated[
        bool, typer.Option("--trust", help="Read a network that holds code: a Lambda layer, a SavedModel.")
    ] = False


DEFAULTS = NetworkOptions()


def takes_network(command: Callable) -> Callable:
    """Decorate a command: its parameter of type `NetworkOptions` becomes the options that are in it."""
    parameters, taken = [], ""
    for parameter in inspect.signature(command).parameters.values():
        if parameter.annotation is NetworkOptions:
            taken = parameter.name
            parameters += [
                parameter.replace(name=name, annotation=kind, default=NetworkOptions._field_defaults[name])
                for name, kind in NetworkOptions.__annotations__.items()
            ]
        else:
            parameters.append(parameter)

    def run(**options):
        network = NetworkOptions(**{name: options.pop(name) for name in NetworkOptions._fields})
        command(**options, **{taken: network})

    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what Typer reads
    return run
