"""Find what a person meant by a name, or say which names come close; small words of messages."""

import difflib


def find_name(name, names, kind):
    """Return the one of `names` that `name` means: letter for letter, else but for case, spaces and underscores.

    Args:
        name: what was typed.
        names: the names that exist.
        kind: what they name, for the message: "layer", "sample", "network".

    Raises:
        ValueError: no such name; the message lists the nearest ones.
    """
    names = list(names)
    if name in names:
        return name
    alike = [known for known in names if normalise(known) == normalise(name)]
    if len(alike) == 1:
        return alike[0]
    raise ValueError(f'no {kind} "{name}". Closest: {nearest(name, names)}.')


def nearest(name, names, n=3):
    """The `n` nearest of `names`, quoted, for a message; case and underscores do not count."""
    by_normal = {normalise(known): known for known in names}
    close = difflib.get_close_matches(normalise(name), by_normal, n, cutoff=0.7)
    close = close or difflib.get_close_matches(normalise(name), by_normal, n, cutoff=0)
    return ", ".join(f'"{by_normal[match]}"' for match in close)


def first_line(error):
    """What an exception says in its first line, or its type when it says nothing."""
    return next(iter(str(error).splitlines()), type(error).__name__)


def normalise(name):
    """What is left of a name when case, spaces and underscores do not count."""
    return name.strip().replace("_", " ").lower()


def counted(number, noun):
    """Return "1 step" or "10 steps"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
