"""What the views of the explorer share: a network, a photograph and a class. There is no widget in it."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tp_visualisation import networks
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, check_image, load_image, resize
from tp_visualisation.labels import check_classes
from tp_visualisation.loading import load_classifier
from tp_visualisation.samples import sample_images

LONGEST_SIDE = 1024  # pixels of a photograph here: a larger one is shrunk when it is read, and its maps are as quick
PREDICTED, SECOND = "predicted", "second"  # a class given by its place; any other text is its name


class Named(NamedTuple):
    """A thing of the session, its name in the page, and the Python that makes it."""

    value: Any
    name: str
    code: str


class Session:
    """One network, one photograph, one class, and the lines of Python that make them.

    Args:
        network: `Named` `Classifier`.
        photograph: `Named` image (H, W, 3).

    Attributes:
        classifier: the `Classifier` under study.
        image: uint8 array (H, W, 3).
        chosen: the class: "predicted", "second", or a label, index or WordNet id.
    """

    def __init__(self, network: Named, photograph: Named) -> None:
        self.network, self.photograph, self.chosen = network, photograph, PREDICTED
        self._others: dict[str, Named] = {}
        self._answers: tuple = (None, None, None)

    @property
    def classifier(self) -> Classifier:
        return self.network.value

    @property
    def image(self) -> Image:
        return self.photograph.value

    @property
    def others(self) -> list[str]:
        """The names of the other networks that are here without a download."""
        return [name for name in networks.names() if name != self.network.name and networks.find_weights(name)]

    def other_network(self, name: str) -> Named:
        """Return another network by its name; the last one is kept."""
        if name not in self._others:
            self._others = {name: network_called(name)}
        return self._others[name]

    def answers(self, classifier: Classifier) -> np.ndarray:
        """Return what `classifier` gives for the photograph: probabilities (K,), or scores where it has none."""
        key = classifier.model, self.image
        if self._answers[0] is not key[0] or self._answers[1] is not key[1]:
            self._answers = *key, answers_of(classifier, self.image)
        return self._answers[2]

    def target(self, classifier: Classifier) -> int:
        """Return the index of the chosen class.

        Raises:
            ValueError: `classifier` knows no such class.
        """
        return self.target_of(classifier, self.chosen)

    def target_of(self, classifier: Classifier, chosen: str) -> int:
        """Return the index of a class given as `chosen` is."""
        check_classes(classifier.output_shape)
        if chosen in (PREDICTED, SECOND):
            best = classifier.predictions(self.answers(classifier), 2)
            return best[-1 if chosen == SECOND else 0].index
        return classifier.class_index(chosen)

    def spelled(self, index: int, classifier: Classifier | None = None) -> int | str:
        """Return how code names a class: by its label, or by its index where several have this label."""
        labels = (classifier or self.classifier).labels
        label = labels[index].label
        return label if [entry.label for entry in labels].count(label) == 1 and not label.isdecimal() else index

    def script(self, lines: list[str], file: str) -> str:
        """Return Python that runs as it stands: `clf`, `image`, some lines that make `figure`, and `file` written."""
        made = [self.network.code, *self.photograph.code.splitlines()]
        lines = [*made, "", *lines, f'tpv.plotting.save_figure(figure, "{file}")']
        imports = ["import tp_visualisation as tpv", *(line for line in lines if line.startswith("import "))]
        others = [line for line in lines if not line.startswith("import ")]
        return "\n".join([*dict.fromkeys(sorted(imports)), "", *others]) + "\n"


def answers_of(classifier: Classifier, image: Image) -> np.ndarray:
    """Return the probabilities (K,) of an image, or the scores of a network that has no probabilities.

    Raises:
        ValueError: the network gives something else than one number a class.
    """
    check_classes(classifier.output_shape)
    return (classifier.probabilities if has_probabilities(classifier) else classifier.scores)(image)[0]


def has_probabilities(classifier: Classifier) -> bool:
    """Whether a network's answers are probabilities of classes."""
    return classifier.activation is not None


def network_called(name: str, engine: str = "tensorflow") -> Named:
    """Return the `Named` network of this name."""
    options = "" if engine == "tensorflow" else f', engine="{engine}"'
    return Named(load_classifier(name, engine=engine), name, f'clf = tpv.load_classifier("{name}"{options})')


def photograph_called(name: str) -> Named:
    """Return the `Named` photograph in a file, or the sample of this name where there is no such file.

    Raises:
        ValueError: there is neither (the nearest names of samples are given), or a file that is no photograph.
    """
    path = Path(name).expanduser()
    return photograph_in(path.read_bytes(), name) if path.is_file() else sample_called(name)


def sample_called(name: str) -> Named:
    """Return the `Named` sample photograph of this name.

    Raises:
        ValueError: there is none; the nearest names are given.
    """
    sample = sample_images()[name]
    return _shrunk(sample.image, sample.name, f'image = tpv.sample_images()["{sample.name}"].image')


def photograph_in(content: bytes, name: str) -> Named:
    """Return the `Named` photograph in the bytes of a file called `name`.

    Raises:
        ValueError: not an image, damaged, or too large; the file is named.
    """
    try:
        image = load_image(content)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    return _shrunk(image, name, f"image = tpv.load_image({name!r})")


def given_array(image: Image) -> Named:
    """Return the `Named` photograph that is an array of the caller's: code calls it `image`, too."""
    pixels = np.rint(check_image(image)).astype(np.uint8)
    return _shrunk(pixels, "image", "image = image  # the array that was given to tpv.explore")


def _shrunk(image, name, code):
    """A photograph of at most `LONGEST_SIDE` pixels, shrunk as code can say it."""
    height, width = image.shape[:2]
    factor = max(height, width) / LONGEST_SIDE
    if factor <= 1:
        return Named(image, name, code)
    size = max(1, round(height / factor)), max(1, round(width / factor))
    line = f"image = np.rint(tpv.images.resize(image, {size})).astype(np.uint8)"
    small = np.rint(resize(image, size)).astype(np.uint8)
    return Named(small, name, "\n".join([code, "import numpy as np", line]))
