"""A classifier by name, or from a file."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Size
from tp_visualisation.kept import kept_classifier
from tp_visualisation.labels import imagenet_labels
from tp_visualisation.names import find_name
from tp_visualisation.networks import DEFAULT, build_network, is_own_network, names, own_file


def load_classifier(
    name: str | Path = DEFAULT,
    weights: str | Path | None = "imagenet",
    *,
    engine: str = "tensorflow",
    labels: Sequence | None = None,
    preprocess: str | Callable | None = None,
    input_size: Size | int | None = None,
    activation: str | None = "auto",
    output: str | int | None = None,
    trusted: bool = False,
) -> Classifier:
    """Return a classifier of ImageNet's thousand classes, or of a network of your own, ready to use.

    Args:
        name: "efficientnet_lite0" (embedded: needs no download), or another of `tpvis networks`; or the path of a
            network of your own, a file .keras or .h5 or the folder of a SavedModel, which the options below
            `engine` are for. A folder that is called like a network is meant by "./vgg16".
        weights: "imagenet"; the path of a weights file; or None for random weights. A network of your own
            brings its weights along.
        engine: what runs forward passes: "tensorflow", on a GPU where there is one; "tensorflow-f16", on a GPU in
            half precision; "openvino"; "tensorflow-bf16" and "openvino-bf16" (twice as fast where the processor has
            bf16, and good enough for maps); or "fastest", the one of the others that is fastest here.
        labels: names of the classes, in the order of the outputs.
        preprocess: what the network was trained on: "[0,1]", "[-1,1]", "imagenet" (mean and spread of its
            photographs), or "none" for RGB in [0, 255]; or a function, as in `Classifier`; or where it is,
            "module:function", the module in the current folder or installed.
        input_size: (h, w) that images are resized to; None takes it from the model.
        activation: as in `Classifier`.
        output: as in `Classifier`.
        trusted: read a file that holds code (a Lambda layer), or a SavedModel, whose graph is a program too.

    Raises:
        ValueError: unknown name, a file that cannot be read, is not trusted or does not fit, or an option that
            does not belong to a network of this name.
        FileNotFoundError: no such file.
        OSError: the weights could not be downloaded; the message names the ways out.

    Examples:
        >>> import tp_visualisation as tpv
        >>> clf = tpv.load_classifier()
        >>> photograph = tpv.sample_images()["dalmatian"].image
        >>> clf.top(photograph)[0].label
        'dalmatian'
        >>> tpv.saliency.grad_cam(clf, photograph).shape == photograph.shape[:2]
        True
    """
    own: dict[str, Any] = {"labels": labels, "input_size": input_size, "output": output}
    if is_own_network(name):
        if not (isinstance(weights, str) and weights == "imagenet"):
            raise ValueError(
                f'weights are for a network that is given by its name, and "{name}" is a file or folder that brings '
                f"its own: leave weights out, got {weights}."
            )
        model, prepare, _ = own_file.build(name, preprocess, trusted)
        path = Path(name).expanduser().resolve()
        own_name = path.name if path.is_dir() else path.stem
        return Classifier(model, prepare, name=own_name, engine=engine, activation=activation, **own)
    options = {**own, "preprocess": preprocess, "activation": None if activation == "auto" else str(activation)}
    given = [option for option, value in options.items() if value is not None]
    if given:
        raise ValueError(f'{given[0]} is for a network of your own, given as a file; "{name}" knows its own.')
    name = find_name(str(name), names(), "network")

    def build(engine):
        _, network = build_network(name, weights)
        named = imagenet_labels() if network.labels is None else network.labels
        return Classifier(network.model, network.preprocess, named, name=name, engine=engine)

    return kept_classifier(name, weights, engine, build) or build(engine)
