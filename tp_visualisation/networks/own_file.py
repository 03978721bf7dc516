"""A network of one's own, from the file that Keras saved it in."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from tp_visualisation.checks import check_choice
from tp_visualisation.names import first_line
from tp_visualisation.networks.family import BuiltNetwork

SUFFIXES = (".keras", ".h5", ".hdf5")
MEAN = np.array([0.485, 0.456, 0.406], np.float32)  # of ImageNet's photographs
SPREAD = np.array([0.229, 0.224, 0.225], np.float32)

PREPROCESS: dict[str, Callable | None] = {  # what most networks are trained on, by name
    "none": None,
    "[0,1]": lambda images: images / 255,
    "[-1,1]": lambda images: images / 127.5 - 1,
    "imagenet": lambda images: (images / 255 - MEAN) / SPREAD,
}


def is_file_name(name: str | Path) -> bool:
    """Return whether `name` is that of a file that Keras writes, rather than a network's."""
    return isinstance(name, Path) or Path(name).suffix.lower() in SUFFIXES


def build(path: str | Path, preprocess: str | Callable | None = None, trusted: bool = False) -> BuiltNetwork:
    """Return the network saved in a file.

    Args:
        path: .keras or .h5, written by `model.save`.
        preprocess: a name of `PREPROCESS`, a function from RGB images (N, h, w, 3) in [0, 255] to the model's
            inputs, or None where the model takes those.
        trusted: read code too: the file may run whatever its author liked.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not a model that can be read, it holds code and is not trusted, or an unknown name.
    """
    if not (callable(preprocess) or preprocess is None):
        preprocess = str(preprocess).replace(" ", "").lower()
        check_choice(PREPROCESS, preprocess=preprocess)
        preprocess = PREPROCESS[preprocess]
    path = Path(path).expanduser()
    if path.is_dir() or not path.exists():
        what = "is a folder: give the path of a .keras or .h5 file" if path.is_dir() else "does not exist"
        raise (ValueError if path.is_dir() else FileNotFoundError)(f'the network file "{path}" {what}.')
    try:
        model = keras.saving.load_model(path, safe_mode=not trusted)
    except Exception as error:
        if "lambda" in str(error).lower() and not trusted:
            raise ValueError(
                f'"{path}" holds Python code (a Lambda layer), which would run on this computer: if you trust whoever '
                "made it, say so (trusted=True; --trust at the shell)."
            ) from error
        raise ValueError(
            f'"{path}" is not a model that Keras can read ({first_line(error)[:200]}). A file made by model.save is '
            "expected; layers of your own must be registered: make the Classifier from the model instead."
        ) from error
    return BuiltNetwork(model, preprocess)
