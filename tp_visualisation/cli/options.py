"""The options that commands have in common, and the names that their help texts list.

Nothing heavy is imported here: what a table of the library lists is read from the source of the file that fills it,
since to import that file would make `--help` wait for TensorFlow.
"""

import ast
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from tp_visualisation.checks import check_choice, check_integer, check_number

_PACKAGE = Path(__file__).parent.parent
_TABLES = {  # table → the file that fills it
    "APPLICATIONS": "networks/keras_applications.py",
    "ATTACKS": "adversarial/__init__.py",
    "DEFAULT": "networks/__init__.py",
    "ENGINES": "engines/choice.py",
    "METHODS": "saliency/__init__.py",
    "METRICS": "evaluation/metrics.py",
    "PARAMETERISATIONS": "class_model/parameterisations.py",
    "PREPROCESS": "networks/own_file.py",
    "VARIANTS": "networks/efficientnet_lite.py",
}


def names_in(table: str) -> list[str]:
    """Return the names in a table, in its order, as the source of its file has them: not those added later."""
    match _value(table):
        case ast.Dict(keys=names) | ast.Tuple(elts=names):  # {"fool": fool, ...}, ("tensorflow", "openvino", ...)
            pass
        case value:  # {metric.name: metric for metric in (Metric("deletion", ...), ...)}
            names = [node.args[0] for node in ast.walk(value) if isinstance(node, ast.Call)]
    return [ast.literal_eval(name) for name in names if name]


def known(table: str) -> list[str]:
    """Return the names in a table as it is now: those added later too, where the library was imported before."""
    there = _imported(table)
    return names_in(table) if there is None else list(there)


def parameters_of(table: str, name: str) -> dict[str, bool]:
    """Return the parameters of a function in a table, each with whether it may be left out; known like `known`."""
    there = _imported(table)
    if there is not None:
        parameters = inspect.signature(there[name]).parameters.values()
        return {parameter.name: parameter.default is not parameter.empty for parameter in parameters}
    for path in sorted((_PACKAGE / _TABLES[table]).parent.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name == name:
                first = len(node.args.args) - len(node.args.defaults)  # that has a default
                needed = {argument.arg: number >= first for number, argument in enumerate(node.args.args)}
                return needed | {argument.arg: True for argument in node.args.kwonlyargs}
    raise LookupError(f"no file beside {_TABLES[table]} defines {name}.")


def _imported(table):
    """The table itself, if its module was imported already."""
    module = ".".join(("tp_visualisation", *Path(_TABLES[table]).with_suffix("").parts)).removesuffix(".__init__")
    return getattr(sys.modules.get(module), table, None)


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


def whole(option: str, interval: str = "[1, inf)") -> Callable:
    """Return Typer's callback for an option that is a whole number in an interval, or not given."""

    def check(value):
        if value is not None:
            check_integer(interval, **{option: value})
        return value

    return check


def number(option: str, interval: str, meaning: str) -> Callable:
    """Return Typer's callback for an option that is a number in an interval, or not given."""

    def check(value):
        if value is not None:
            check_number(interval, meaning, **{option: value})
        return value

    return check


def one_of(option: str, choices: Callable[[], list[str]]) -> Callable:
    """Return Typer's callback for an option that is one of the texts that `choices()` lists, in small letters."""

    def check(value):
        check_choice(choices(), **{option: value.strip().lower()})
        return value.strip().lower()

    return check


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
        help=f"What runs forward passes: {listed('ENGINES')}. `tpvis doctor` says which one is the fastest here.",
        callback=one_of("--engine", lambda: known("ENGINES")),
    ),
]


def _checked_seed(seed):
    if seed is not None:
        check_integer("[0, inf)", **{"--seed": seed})
        check_integer("[0, 4294967295]", **{"--seed": seed})  # what NumPy, Keras and Python all take
    return seed


_SAME = "The same seed gives the same result."
Seed = Annotated[int, typer.Option(help=_SAME, callback=_checked_seed)]
SeedOfMethod = Annotated[int | None, typer.Option(help=_SAME, callback=_checked_seed, show_default="0")]


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
        typer.Option(
            help="Its input size, in pixels, where the model does not say.",
            show_default="the model's",
            callback=whole("--input-size", "[1, 10000]"),
        ),
    ] = None
    activation: Annotated[
        str,
        typer.Option(
            help="What makes probabilities of its scores, where the model does not say: softmax, sigmoid (each class "
            "for itself), none for outputs that are no scores of classes, or auto.",
            callback=one_of("--activation", lambda: ["auto", "softmax", "sigmoid", "none"]),
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
