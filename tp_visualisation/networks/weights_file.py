"""Read a file of Keras weights into a model, or say in one sentence which layer does not fit.

Shapes are compared first, as they stand in the file, so that a file of another network is refused before a number of it
is read: Keras reads all and warns for every layer.
"""

import math
import mmap
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

from tp_visualisation.names import one_line

NEW, LEGACY, WHOLE = ".weights.h5", (".h5", ".hdf5"), ".keras"
MOST_NAMES = 100_000  # of layers in a file
LARGEST_NUMBER = 8  # bytes
HEAP = b"GCOL\x01\0\0\0"


def load_weights(model, path: str | Path, name: str) -> None:
    """Read a weights file (.weights.h5, .h5) into `model`, or say why it does not fit.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is a folder, or not a weights file of this network.
    """
    if Path(path).is_dir():
        raise ValueError(f'the weights "{path}" are a folder: the path of a file, .weights.h5 or .h5, was expected.')
    if not Path(path).is_file():
        raise FileNotFoundError(f'there is no weights file "{path}".')
    try:
        if _is_legacy(path):
            _check_texts(path)
        with _opened(path) as file:
            _check_shapes(_legacy_layers(file, model) if _is_legacy(path) else _layers(file, model))
            _check_sizes(file, model)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.load_weights(path)
    except Exception as error:  # whatever Keras and HDF5 stumble on in a damaged file
        reason = one_line(error)[:300].rstrip(".")
        raise ValueError(
            f'"{path}" does not hold weights of {name}: {reason}. A file made by '
            'model.save_weights("name.weights.h5") of the same network is expected.'
        ) from error


def _is_legacy(path):
    return str(path).endswith(LEGACY) and not str(path).endswith(NEW)


@contextmanager
def _opened(path):
    """The HDF5 file at `path`, that within a .keras file."""
    if str(path).endswith(WHOLE):
        with zipfile.ZipFile(path) as archive, archive.open("model.weights.h5") as part, h5py.File(part) as file:
            yield file
    elif str(path).endswith(LEGACY):
        with h5py.File(path) as file:
            yield file
    else:
        raise ValueError(f"the suffix {NEW} or .h5 was expected")


def _check_texts(path):
    """Raise a ValueError if a heap of texts in an HDF5 file is damaged: HDF5 would read it for ever.

    A heap is its mark, its size, then objects: number, size, content padded to 8 bytes; number 0 is the free space.
    """
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        place = content.find(HEAP)
        while place >= 0:
            end = place + int.from_bytes(content[place + 8 : place + 16], "little")
            start = place + 16
            while start + 16 <= end <= len(content):
                number, size = (int.from_bytes(content[start + a : start + b], "little") for a, b in ((0, 2), (8, 16)))
                start += 16 + -(-size // 8) * 8 if number else size
                if start > end or (number == 0 and start != end):
                    raise ValueError("it is damaged (a heap of texts)")
            place = content.find(HEAP, place + 1)


def _check_sizes(file, model):
    """Raise a ValueError if anything in the file is larger than the model's largest weight, or is no numbers."""
    largest = max((math.prod(weight.shape) for weight in model.weights), default=0)

    def check(place, thing):
        if not isinstance(thing, h5py.Dataset) or place.startswith("optimizer"):  # which no network here has
            return
        if math.prod(thing.shape or ()) > largest or thing.dtype.itemsize > LARGEST_NUMBER:
            raise ValueError(f'"{place}", {thing.dtype} {thing.shape}, is larger than any weight of the network')

    file.visititems(check)


def _check_shapes(layers: Iterator[tuple[str, list, list]]) -> None:
    """Raise a ValueError at the first layer (name, shapes expected, shapes found) that does not fit."""
    for name, expected, found in layers:
        if expected != found:
            raise ValueError(f'the layer "{name}" has the shapes {_listed(expected)}, the file {_listed(found)} there')


def _listed(shapes):
    return ", ".join(map(str, shapes)) or "none"


def _layers(file, model, place="layers"):
    """The layers of a model and those inside them, beside what a .weights.h5 file holds in their places.

    A place is called after the layer's class, "conv2d", the next ones "conv2d_1", "conv2d_2"...
    """
    counts = Counter()
    for layer in model.layers:
        kind = _snake_case(type(layer).__name__)
        own = f"{place}/{kind}_{counts[kind]}" if counts[kind] else f"{place}/{kind}"
        counts[kind] += 1
        if hasattr(layer, "layers"):
            yield from _layers(file, layer, f"{own}/layers")
        elif variables := layer._trainable_variables + layer._non_trainable_variables:
            group = file.get(f"{own}/vars", {})
            shapes = {key: tuple(group[key].shape) for key in group}
            yield layer.name, _shapes(variables), [shapes[key] for key in sorted(shapes, key=_numeric)]


def _numeric(key):
    return len(key), key


def _snake_case(name):
    """Keras' own way from the name of a class to that of a place."""
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _legacy_layers(file, model):
    """The layers of a model that have weights, beside those of an .h5 file in its order."""
    group = file["model_weights"] if "layer_names" not in file.attrs and "model_weights" in file else file
    found = [(name, _names(group[name], "weight_names")) for name in _names(group, "layer_names")]
    found = [(name, weights) for name, weights in found if weights]
    expected = [layer for layer in model.layers if layer.weights]
    for layer, (name, weights) in zip(expected, found, strict=False):
        variables = layer.trainable_weights + layer.non_trainable_weights
        yield layer.name, _shapes(variables), [tuple(group[name][weight].shape) for weight in weights]
    if len(expected) != len(found):
        raise ValueError(f"{len(expected)} layers with weights were expected, it has {len(found)}")


def _names(group, key):
    """The names in an attribute, or in its pieces where it is long: "layer_names0", "layer_names1"..."""
    pieces = [key] if key in group.attrs else [f"{key}{k}" for k in range(1000) if f"{key}{k}" in group.attrs]
    if sum(math.prod(group.attrs.get_id(piece).shape) for piece in pieces) > MOST_NAMES:
        raise ValueError(f'it claims too many names in "{key}"')
    names = [name for piece in pieces for name in group.attrs[piece]]
    return [name.decode() if isinstance(name, bytes) else str(name) for name in names]


def _shapes(variables):
    return [tuple(variable.shape) for variable in variables]
