"""Find what a person meant by a name, or say which names come close; small words of messages."""

import difflib
from collections.abc import Iterable


def find_name(name: str, names: Iterable[str], kind: str) -> str:
    """Return the one of `names` that `name` means: the same, or the same when case, spaces and underscores are ignored.

    Args:
        name: what was typed.
        names: the names that exist.
        kind: what they name, for the message: "layer", "sample", "network".

    Raises:
        ValueError: no such name (the message lists the nearest ones), or `name` is no text.
    """
    names = list(names)
    if not isinstance(name, str):
        raise ValueError(f"the name of a {kind} is a text, got {name!r:.80}.")
    if name in names:
        return name
    alike = [known for known in names if normalise(known) == normalise(name)]
    if len(alike) == 1:
        return alike[0]
    raise ValueError(f'no {kind} "{name}". Closest: {nearest(name, names)}.')


def nearest(name: str, names: Iterable[str], n: int = 3) -> str:
    """Return the `n` names most like `name`, quoted, for a message; case, spaces and underscores are ignored."""
    by_normal = {normalise(known): known for known in names}
    close = difflib.get_close_matches(normalise(name), by_normal, n, cutoff=0.7)
    close = close or difflib.get_close_matches(normalise(name), by_normal, n, cutoff=0)
    return ", ".join(f'"{by_normal[match]}"' for match in close)


def first_line(error: BaseException) -> str:
    """Return the first line of an exception's message; its type where there is no message."""
    return next(iter(str(error).splitlines()), type(error).__name__)


def one_line(error: BaseException) -> str:
    """Return an exception's message on one line; its type where there is no message."""
    return " ".join(str(error).split()) or type(error).__name__


def normalise(name: str) -> str:
    """Return a name in lower case, with spaces for underscores."""
    return name.strip().replace("_", " ").lower()


def counted(number: int, noun: str) -> str:
    """Return "1 step" or "10 steps"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
