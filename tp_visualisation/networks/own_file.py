"""A network of one's own, from the file that Keras saved it in or from the folder of a SavedModel."""

import importlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

from tp_visualisation.checks import check_choice
from tp_visualisation.later import keras
from tp_visualisation.names import first_line
from tp_visualisation.networks.family import BuiltNetwork
from tp_visualisation.processes import check_not_forked

SUFFIXES = (".keras", ".h5", ".hdf5")
MEAN = np.array([0.485, 0.456, 0.406], np.float32)  # of ImageNet's photographs
SPREAD = np.array([0.229, 0.224, 0.225], np.float32)


def _from_0_to_1(images):
    return images / 255


def _from_minus_1_to_1(images):
    return images / 127.5 - 1


def _standardised(images):
    return (images / 255 - MEAN) / SPREAD


PREPROCESS: dict[str, Callable | None] = {  # what most networks are trained on, by name
    "none": None,
    "[0,1]": _from_0_to_1,
    "[-1,1]": _from_minus_1_to_1,
    "imagenet": _standardised,
}


def is_file_name(name: str | Path) -> bool:
    """Return whether `name` can only be that of a file or folder: a `Path`, or a text with their suffix or a slash."""
    if not isinstance(name, str):
        return isinstance(name, Path)
    return Path(name).suffix.lower() in SUFFIXES or "/" in name or os.sep in name or name in (".", "..")


def build(path: str | Path, preprocess: str | Callable | None = None, trusted: bool = False) -> BuiltNetwork:
    """Return the network saved in a file or folder.

    Args:
        path: .keras or .h5, written by `model.save`; or the folder of a SavedModel, written by `model.export`
            or `tf.saved_model.save`.
        preprocess: a name of `PREPROCESS`, "module:function", a function from RGB images (N, h, w, 3) in [0, 255]
            to the model's inputs, or None where the model takes those.
        trusted: read code too: the file may run whatever its author liked.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not a model that can be read, it holds code and is not trusted, or an unknown name.
        RuntimeError: this process was forked after TensorFlow had begun to compute.
    """
    check_not_forked()
    preprocess = find_preprocess(preprocess)
    path = Path(path).expanduser()
    if not path.exists():
        raise FileNotFoundError(f'the network file "{path}" does not exist.')
    if path.is_dir():
        from tp_visualisation.networks.saved_model import load_saved_model

        return BuiltNetwork(load_saved_model(path, trusted), preprocess)
    if not trusted and _h5_holds_code(path):
        raise ValueError(_untrusted(path, "a Lambda layer"))
    try:
        model = keras.saving.load_model(path, safe_mode=not trusted)
    except Exception as error:
        if not trusted and any(word in str(error).lower() for word in ("lambda", "safe_mode", "unsafe")):
            what = "a SavedModel" if "TFSMLayer" in str(error) else "a Lambda layer"
            raise ValueError(_untrusted(path, what)) from error
        raise ValueError(
            f'"{path}" is not a model that Keras can read ({first_line(error)[:200]}). A file made by model.save is '
            "expected; layers of your own must be registered: make the Classifier from the model instead."
        ) from error
    return BuiltNetwork(model, preprocess)


def _untrusted(path, what):
    return (
        f'"{path}" holds Python code ({what}), which would run on this computer: if you trust whoever made it, say so '
        "(trusted=True; --trust at the shell)."
    )


def _h5_holds_code(path):
    """Whether an .h5 file has a Lambda layer: Keras before 3.11.3 runs it, safe mode or not."""
    if path.suffix.lower() not in (".h5", ".hdf5"):
        return False
    try:
        with h5py.File(path) as file:
            return "Lambda" in _class_names(json.loads(file.attrs["model_config"]))
    except (OSError, KeyError, ValueError):  # no model: Keras says why
        return False


def _class_names(config):
    """The classes that a model's configuration names, those of nested models too."""
    parts = list(config.values()) if isinstance(config, dict) else config if isinstance(config, list) else []
    names = {name for part in parts for name in _class_names(part)}
    return names | {config["class_name"]} if isinstance(config, dict) and "class_name" in config else names


def find_preprocess(preprocess: str | Callable | None, folder: str | Path | None = None) -> Callable | None:
    """Return the function that `preprocess` means: itself, one of `PREPROCESS`, or that of "module:function".

    Args:
        preprocess: one of these; None, and the name "none", mean no function.
        folder: where the module is looked for before Python's own places; None for the current folder.

    Raises:
        ValueError: an unknown name; no such module or function, or one that fails or cannot be called.
    """
    if callable(preprocess) or preprocess is None:
        return preprocess
    if isinstance(preprocess, str) and ":" in preprocess:
        return _imported(preprocess, str(folder or Path.cwd()))
    name = str(preprocess).replace(" ", "").lower()
    if name not in PREPROCESS:
        check_choice([*PREPROCESS, "module:function"], preprocess=preprocess)
    return PREPROCESS[name]


def _imported(text, folder):
    """The function that "module:function" names."""
    module_name, _, function_name = (part.strip() for part in text.partition(":"))
    if not all(part.isidentifier() for part in [*module_name.split("."), *function_name.split(".")]):
        raise ValueError(f'preprocess must be "module:function", as in "my_module:my_function", got "{text}".')
    sys.path.insert(0, folder)
    try:
        importlib.invalidate_caches()
        thing = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name and f"{module_name}.".startswith(f"{error.name}."):
            raise ValueError(
                f'preprocess: there is no module "{error.name}", neither in {folder} nor among those installed.'
            ) from error
        raise ValueError(_failed(module_name, error)) from error
    except (Exception, SystemExit) as error:
        raise ValueError(_failed(module_name, error)) from error
    finally:
        sys.path.remove(folder)
    for name in function_name.split("."):
        if not hasattr(thing, name):
            raise ValueError(
                f'preprocess: the module "{module_name}" ({getattr(thing, "__file__", "built in")}) has no function '
                f'"{function_name}".'
            )
        thing = getattr(thing, name)
    if not callable(thing):
        raise ValueError(f'preprocess: "{text}" must be a function, got {type(thing).__name__} {thing!r:.60}.')
    return thing


def _failed(module_name, error):
    return (
        f'preprocess: the module "{module_name}" fails when it is imported: {type(error).__name__}: {first_line(error)}'
    )
