"""What commands share when they run: photographs, classifiers, methods, predictions."""

import gc
import inspect
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tp_visualisation.checks import check_backend
from tp_visualisation.cli.before import WEIGHTS, check_photograph, home_of, read_labels
from tp_visualisation.cli.options import NetworkOptions

if TYPE_CHECKING:
    from tp_visualisation.classifier import Classifier, Prediction
    from tp_visualisation.images import Image


def load(network: NetworkOptions, engine: str = "tensorflow", folder: Path | None = None) -> "Classifier":
    """Return the classifier that options describe; `folder` is where MODULE:FUNCTION is looked for, None for here."""
    options = options_of_loading(network)
    check_backend()
    from tp_visualisation.loading import load_classifier
    from tp_visualisation.networks.own_file import find_preprocess

    if network.preprocess:
        options["preprocess"] = find_preprocess(network.preprocess, folder) or "none"
    gc.disable()  # what is made here stays: to look for garbage in it, now or later, takes half a second
    try:
        return load_classifier(network.name, engine=engine, **options)
    finally:
        gc.enable()
        gc.freeze()


def options_of_loading(network: NetworkOptions) -> dict[str, Any]:
    """Return what `load_classifier` is to be told of a network, beside its name and its engine."""
    weights: Path | str | None = network.weights.strip().lower()
    if weights not in WEIGHTS:
        weights = Path(network.weights)  # of a file or folder, whatever it is called
    activation, number = network.activation.lower(), network.model_output or ""
    return {
        "weights": None if weights == "none" else weights,
        "labels": None if network.labels is None else read_labels(network.labels),
        "preprocess": network.preprocess,
        "input_size": network.input_size,
        "activation": None if activation == "none" else activation,
        "output": int(number) if number.isdecimal() else network.model_output,
        "trusted": network.trust,
    }


def with_whole_paths(network: NetworkOptions) -> NetworkOptions:
    """Return the same options with paths from the root, for processes that run in another folder."""
    from tp_visualisation.networks import is_own_network

    def whole(path):
        return home_of(path).absolute()

    return network._replace(
        name=str(whole(network.name)) if is_own_network(network.name) else network.name,
        weights=network.weights if network.weights.strip().lower() in WEIGHTS else str(whole(network.weights)),
        labels=network.labels and whole(network.labels),
    )


def read_photograph(image: str) -> tuple["Image", str]:
    """Return the RGB array of a file, or of a sample where there is no such file, and a name for what is made of it."""
    check_photograph(image)
    from tp_visualisation.images import load_image
    from tp_visualisation.samples import sample_images

    if not Path(image).exists() and not Path(image).suffix and os.sep not in image:
        try:
            sample = sample_images()[image]
        except ValueError as error:
            raise FileNotFoundError(f'there is no file "{image}", and {error} `tpvis samples` lists them.') from error
        return sample.image, sample.name
    return load_image(image), Path(image).stem


def accepted(function: Callable, options: dict[str, Any]) -> dict[str, Any]:
    """Return those of the options that were given and that `function` takes."""
    parameters = inspect.signature(function).parameters
    return {name: value for name, value in options.items() if value is not None and name in parameters}


def print_predictions(predictions: "Iterable[Prediction]", form: str = "7.2%") -> None:
    """Print classes, a line for each: probability, written in this form, index, WordNet id, label."""
    for prediction in predictions:
        print(f"{prediction.probability:{form}}  {prediction.index:4}  {prediction.wnid or '':9}  {prediction.label}")
