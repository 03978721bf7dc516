"""What is wrong with a command line, said before TensorFlow is imported and any network is loaded."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tp_visualisation.cli.options import DEFAULTS, NetworkOptions, known, names_in, parameters_of
from tp_visualisation.files import check_parent
from tp_visualisation.names import find_name, normalise

if TYPE_CHECKING:
    from tp_visualisation.labels import ClassLabel

WEIGHTS = ("imagenet", "none")  # names, even where a file or folder is called so
_HDF5, _ZIP = b"\x89HDF\r\n\x1a\n", b"PK"  # how files begin
_SUFFIXES = {".keras": _ZIP, ".h5": _HDF5, ".hdf5": _HDF5}


def find_names(text: str, table: str, kind: str) -> list[str]:
    """Return the names in a table that `text`, names separated by commas, or "all", means; each once.

    Raises:
        ValueError: no name is given, or there is none like it.
    """
    names = known(table)
    if text.strip() == "all":
        return names
    found = [find_name(name.strip(), names, kind) for name in text.split(",") if name.strip()]
    if not found:
        raise ValueError(f"no {kind} given. There are: {', '.join(names)}.")
    return list(dict.fromkeys(found))


def check_taken(table: str, names: Iterable[str], **options) -> None:
    """Raise a ValueError if an option was given (is not None) that none of these methods or attacks takes."""
    for option, value in options.items():
        if value is not None and not any(option in parameters_of(table, name) for name in names):
            takers = [name for name in known(table) if option in parameters_of(table, name)]
            shell = f"--{option.replace('_', '-')}"
            raise ValueError(f"{', '.join(names)} takes no {shell}: it is for {', '.join(takers)}.")


def home_of(path: str | Path) -> Path:
    """Return a path with the home folder for "~"; a ValueError where there is no such user."""
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise ValueError(f'there is no home folder for "{path}": give the whole path.') from error


def check_photograph(image: str) -> None:
    """Raise if `image` can be neither the path of a photograph nor the name of a sample."""
    if not image.strip():
        raise ValueError("the photograph has an empty name: give the path of a file, or the name of a sample.")
    if image == "-":
        raise ValueError('photographs are read from files, not from "-", the standard input: give the path of a file.')
    if "://" in image:
        raise ValueError(f'"{image}" is an address, and tpvis reads files: download the photograph and give its path.')
    home_of(image)


def check_outputs(photographs: Iterable[str] = (), **outputs: Path | None) -> None:
    """Raise if one of the files to write, option → path, cannot be written, or is written twice, or is a photograph."""
    taken = {home_of(photograph).resolve(): f'the photograph "{photograph}"' for photograph in photographs}
    for name, path in outputs.items():
        if path is None:
            continue
        option = f"--{name.replace('_', '-')}"
        check_parent(path)
        if path.resolve() in taken:
            raise ValueError(f"{option} would overwrite {taken[path.resolve()]}: give it another name.")
        taken[path.resolve()] = f"what {option} writes"


def check_network(network: NetworkOptions) -> "list[ClassLabel] | None":
    """Return the classes of a network where they are known without it; raise what is wrong with its options.

    Raises:
        ValueError: no such network, an option that does not belong to it, or a file that is of another kind.
        FileNotFoundError: no such file.
    """
    labels = None if network.labels is None else read_labels(network.labels)
    own = _own_path(network.name)
    if own is not None:
        _check_own(network, own)
        if labels is None:
            return None
        from tp_visualisation.labels import class_labels

        return class_labels(labels, len(labels))
    name = find_name(network.name, _names_of_networks(), "network")
    for option in ("labels", "preprocess", "input_size", "activation", "model_output", "trust"):
        if getattr(network, option) != getattr(DEFAULTS, option):
            raise ValueError(
                f'--{option.replace("_", "-")} is for a network of your own, given as a file; "{name}" knows its own.'
            )
    if network.weights.strip().lower() not in WEIGHTS:
        _check_weights(home_of(network.weights))
    if name not in names_in("VARIANTS") + names_in("APPLICATIONS"):
        return None  # added by somebody, with classes of its own
    from tp_visualisation.labels import imagenet_labels

    return imagenet_labels()


def check_class(target: str, labels: "list[ClassLabel] | None") -> None:
    """Raise a ValueError if `target` is none of the classes; nothing is said where these are not known."""
    if target and labels is not None:
        from tp_visualisation.labels import find_class

        find_class(target, labels)


def read_labels(path: Path) -> list[str]:
    """Return the lines of a text file that say something."""
    path = home_of(path)
    if not path.is_file():
        raise FileNotFoundError(f'there is no file "{path}" with the names of the classes, a line each.')
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise ValueError(f'"{path}" is not a text file in UTF-8: {error.reason}.') from error
    if not lines:
        raise ValueError(f'"{path}" is empty: the names of the classes were expected, a line each.')
    return lines


def _names_of_networks():
    networks = sys.modules.get("tp_visualisation.networks")
    return networks.names() if networks else names_in("VARIANTS") + names_in("APPLICATIONS")


def _own_path(name):
    """The path of a network of one's own, None where `name` is that of a network: see `is_own_network`."""
    if normalise(name) in map(normalise, _names_of_networks()):
        return None
    path = home_of(name)
    is_path = "/" in name or path.suffix.lower() in _SUFFIXES or (name.strip() and path.exists())
    return path if is_path else None


def _check_own(network, path):
    if network.weights != "imagenet":
        raise ValueError(
            f'--weights are for a network that is given by its name, and "{network.name}" brings its own: leave '
            f'weights out, got "{network.weights}".'
        )
    if not path.exists():
        raise FileNotFoundError(f'the network file "{path}" does not exist.')
    if path.is_dir():
        _check_saved_model(path, network.trust)
        return
    if path.suffix.lower() not in _SUFFIXES:
        raise ValueError(
            f'the network file "{path}" must end in .keras or .h5, or be the folder of a SavedModel: write it with '
            "model.save."
        )
    if _beginning(path) != _SUFFIXES[path.suffix.lower()]:
        raise ValueError(f'"{path}" is not a model that Keras can read: a file made by model.save is expected.')


def _check_saved_model(folder, trusted):
    if not (folder / "saved_model.pb").is_file():
        raise ValueError(
            f'the network file "{folder}" is a folder without saved_model.pb: give a .keras or .h5 file, or the folder '
            "of a SavedModel, which model.export writes."
        )
    if not trusted:
        raise ValueError(
            f'"{folder}" holds a program (a SavedModel: its graph can read and write files), which would run on this '
            "computer: if you trust whoever made it, say so (trusted=True; --trust at the shell)."
        )


def _check_weights(path):
    if path.is_dir():
        raise ValueError(f'the weights "{path}" are a folder: the path of a file, .weights.h5 or .h5, was expected.')
    if not path.is_file():
        raise FileNotFoundError(f'there is no weights file "{path}".')
    if _beginning(path) is None:
        raise ValueError(
            f'"{path}" does not hold weights: a file made by model.save_weights("name.weights.h5") is expected.'
        )


def _beginning(path):
    """That of the known beginnings with which a file begins."""
    with path.open("rb") as file:
        start = file.read(8)
    return next((beginning for beginning in (_HDF5, _ZIP) if start.startswith(beginning)), None)
