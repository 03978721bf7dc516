"""The photographs that come with the installation."""

import importlib.util
from functools import cached_property
from pathlib import Path

from tp_visualisation.images import Image, load_image
from tp_visualisation.labels import imagenet_labels
from tp_visualisation.names import find_name


class Sample:
    """A real photograph: `name`, `label`, `class_index`, and its `image`, uint8 (H, W, 3), read when asked for."""

    def __init__(self, name, class_index, label, path):
        self.name, self.class_index, self.label, self.path = name, class_index, label, path

    @cached_property
    def image(self) -> Image:
        return load_image(self.path)

    def __repr__(self):
        return f"Sample({self.name!r}, class_index={self.class_index}, label={self.label!r})"


class Samples(tuple):
    """The sample images, in order; `samples["dalmatian"]` finds one by name."""

    def __getitem__(self, key):
        if not isinstance(key, str):
            return super().__getitem__(key)
        by_name = {sample.name: sample for sample in self}
        return by_name[find_name(key, by_name, "sample")]


def sample_images() -> Samples:
    """Return twenty ImageNet photographs with their classes, offline: those that the package foolbox carries.

    Returns:
        tuple of `Sample`, in foolbox's order: `.name` (the label, numbered where a class comes
        twice), `.image`, `.class_index`, `.label`. `sample_images()["dalmatian"]` finds one by name.

    Raises:
        ValueError: foolbox is not installed.
    """
    spec = importlib.util.find_spec("foolbox")  # finds the folder without importing the package
    folder = Path(spec.origin).parent / "data" if spec and spec.origin else None
    paths = sorted(folder.glob("imagenet_*.jpg")) if folder else []
    if not paths:
        raise ValueError('the sample images come in the package "foolbox": pip install foolbox')
    labels, samples = imagenet_labels(), []
    seen: dict[str, int] = {}
    for path in paths:
        class_index = int(path.stem.split("_")[2])  # imagenet_07_251
        label = labels[class_index].label
        seen[label] = seen.get(label, 0) + 1
        name = label if seen[label] == 1 else f"{label}_{seen[label]}"
        samples.append(Sample(name, class_index, label, path))
    return Samples(samples)
