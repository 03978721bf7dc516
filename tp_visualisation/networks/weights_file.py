"""Read a file of Keras weights into a model, or say why it does not fit."""

from pathlib import Path

from tp_visualisation.names import first_line


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
        model.load_weights(path)
    except Exception as error:
        reason = first_line(error)
        raise ValueError(
            f'"{path}" does not hold weights of {name}: {reason} A file made by '
            'model.save_weights("name.weights.h5") of the same network is expected.'
        ) from error
