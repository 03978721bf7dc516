"""The options of a saliency method, as its signature and its docstring describe them: what sliders are built from."""

import inspect
import math
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from tp_visualisation.saliency.registry import METHODS

LEFT_OUT = {"progress", "batch_size", "noise", "masks", "transforms", "sizes", "base_options", "areas"}


class Option(NamedTuple):
    """An option of a method.

    Attributes:
        name: as in the signature.
        default: its default.
        kind: "whole", "number", "small" for one on a scale of powers of ten, "yes_or_no", "choice", or "maybe" for a
            whole number that may be left to the method.
        low, high, step: ends of a slider (exponents, of a "small" one), and from one place to the next.
        choices: what it may be, of a choice.
        description: what the docstring says of it.
    """

    name: str
    default: Any
    kind: str
    low: float
    high: float
    step: float
    choices: tuple[Any, ...]
    description: str


def options_of(method: Callable, layers: list[str]) -> list[Option]:
    """Return the options of a method that a page can show: numbers, choices, layers; no arrays.

    Args:
        method: saliency method.
        layers: names of the network's feature layers.
    """
    described = _described(method)
    parameters = list(inspect.signature(method).parameters.values())[3:]
    shown = [p for p in parameters if p.name not in LEFT_OUT and not p.name.startswith("return_")]
    options = [_option(p.name, p.default, described.get(p.name, ""), layers) for p in shown]
    return [option for option in options if option is not None]


def code_of(values: dict[str, Any]) -> str:
    """Return options as they stand in a call, each after a comma: ", n_samples=20"."""
    return "".join(f", {name}={value!r}" for name, value in values.items())


def _option(name, default, text, layers):
    def option(kind, low=0.0, high=0.0, step=0.0, choices=()):
        return Option(name, default, kind, low, high, step, tuple(choices), text)

    if name == "layer":
        return option("choice", choices=[None, *reversed(layers)])
    if name == "base":
        return option("choice", choices=[other for other in METHODS if other != "sess"])
    if isinstance(default, bool):
        return option("yes_or_no")
    if isinstance(default, str):
        return option("choice", choices=dict.fromkeys([default, *re.findall(r'"([a-z_]+)"', text)]))
    if name == "seed":
        return option("whole", 0, 9, 1)
    if isinstance(default, int):
        return option("whole", 1, 4 * default, 1)
    if isinstance(default, float) and 0 < default < 0.005:
        exponent = round(math.log10(default))
        return option("small", exponent - 3, min(exponent + 3, 0), 1)
    if isinstance(default, float):
        interval = re.search(r"[\[(](\d+), (\d+)[\])]", text)
        high = float(interval[2]) if interval else 1.0 if default <= 0.5 else 4 * default
        return option("number", 0.0, high, high / 100)
    return option("maybe") if default is None and name != "baseline" else None


def _described(method):
    """Option → what the docstring says of it, on one line."""
    section = re.search(r"Args:\n(.*?)(\n\n|\Z)", inspect.getdoc(method) or "", re.DOTALL)
    described = {}
    for entry in re.split(r"\n(?=    \S)", section[1]) if section else []:
        names, _, text = entry.strip().partition(":")
        described.update({name.strip(): " ".join(text.split()) for name in names.split(",")})
    return described
