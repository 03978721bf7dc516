"""What an option may be, said in one way everywhere: each check names the option, what was expected and what came."""

import json
import math
import operator
import os
import sys
from collections.abc import Iterable
from numbers import Real
from pathlib import Path
from typing import Any


class WrongKind(ValueError, TypeError):
    """An option is not even of the kind that was expected: a text instead of a number, for instance."""


def check_number(interval: str, meaning: str = "", /, **options: Any) -> None:
    """Raise unless every option is a number in an interval.

    Args:
        interval: such as "[0, 1)" or "(0, inf)"; a square bracket includes its end, a round one does not.
        meaning: what the interval comes from, or what the option is; said after the interval in the message.
        **options: the options by name.

    Raises:
        ValueError: an option is no number (`WrongKind`), is outside the interval, or is NaN.
    """
    for name, value in options.items():
        if not _is_number(value):
            raise WrongKind(f"{name} must be a number, got {value!r:.80}.")
        if not _is_in(value, interval):
            raise ValueError(f"{name} must {_in_words(interval, meaning)}, got {value}.")


def check_integer(interval: str, meaning: str = "", /, **options: Any) -> None:
    """Raise unless every option is a whole number in an interval; arguments and errors as for `check_number`."""
    for name, value in options.items():
        if not _is_number(value):
            raise WrongKind(f"{name} must be a whole number, got {value!r:.80}.")
        if not hasattr(value, "__index__"):
            raise ValueError(f"{name} must be a whole number, got {value!r}.")
        if not _is_in(operator.index(value), interval):
            raise ValueError(f"{name} must {_in_words(interval, meaning)}, got {value}.")


def check_finite(**options: Any) -> None:
    """Raise a ValueError unless every option is a finite number."""
    for name, value in options.items():
        if not _is_number(value):
            raise WrongKind(f"{name} must be a finite number, got {value!r:.80}.")
        if not math.isfinite(value):
            raise ValueError(f"{name} must be a finite number, got {value}.")


def check_choice(choices: Iterable[str], /, **options: Any) -> None:
    """Raise a ValueError that lists `choices` unless every option is one of them."""
    *others, last = [f'"{choice}"' for choice in choices]
    for name, value in options.items():
        if not isinstance(value, str) or f'"{value}"' not in [*others, last]:
            listed = f"{', '.join(others)} or {last}" if others else last
            raise ValueError(f"{name} must be {listed}, got {value!r:.80}.")


def check_backend() -> None:
    """Raise a ValueError if Keras was told to run on anything but TensorFlow, whether that is installed or not.

    Keras decides when it is first imported: by the variable KERAS_BACKEND, else by its file keras.json.
    """
    if "keras" in sys.modules:
        return
    told, way_out, backend = "KERAS_BACKEND", ", or unset it,", os.environ.get("KERAS_BACKEND")
    if not backend:
        told, way_out, backend = str(_keras_json()), "", keras_settings().get("backend")
    if backend not in (None, "", "tensorflow"):
        raise ValueError(
            f'Keras is told to run on "{backend}" ({told}), and gradients are taken with TensorFlow: set the '
            f'environment variable KERAS_BACKEND to "tensorflow"{way_out} before Python starts.'
        ) from None


def keras_settings() -> dict:
    """Return what Keras will find in its file keras.json when it is first imported."""
    try:
        settings = json.loads(_keras_json().read_text(encoding="utf-8"))
    except (OSError, ValueError):  # Keras does without it too
        return {}
    return settings if isinstance(settings, dict) else {}


def _keras_json():
    return Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "keras.json"


def _is_number(value):
    return isinstance(value, Real) and not isinstance(value, bool)


def _is_in(value, interval):
    low, high = _ends(interval)
    above = value >= low if interval[0] == "[" else value > low
    below = value <= high if interval[-1] == "]" else value < high
    return above and below


def _in_words(interval, meaning):
    low, high = _ends(interval)
    if high == math.inf:
        words = f"be {'at least' if interval[0] == '[' else 'greater than'} {low:g}"
    else:
        words = f"lie in {interval}"
    return f"{words}, {meaning}" if meaning else words


def _ends(interval):
    low, high = interval[1:-1].split(",")
    return float(low), float(high)
