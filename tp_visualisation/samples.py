"""The photographs that come with the installation."""

import importlib.util
from functools import cached_property
from pathlib import Path

from tp_visualisation.images import Image, load_image
from tp_visualisation.labels import imagenet_labels
from tp_visualisation.names import find_name

BOXES = {  # (left, top, right, bottom) of each object of the class, drawn by eye; "prayer_rug" shows none
    "bull_mastiff": [(115, 0, 316, 458)],
    "folding_chair": [
        (143, 175, 357, 500), (0, 213, 168, 427), (358, 170, 512, 438), (0, 35, 105, 165), (94, 27, 205, 172),
        (213, 15, 308, 168), (300, 5, 430, 183), (378, 15, 512, 187), (455, 132, 512, 187),
    ],
    "beaker": [(174, 254, 325, 487), (374, 265, 502, 492)],
    "buckeye": [(33, 134, 256, 367), (197, 195, 450, 512)],
    "strawberry": [
        (195, 27, 308, 145), (380, 135, 492, 245), (7, 182, 95, 267), (103, 194, 195, 288), (216, 170, 309, 270),
        (327, 267, 402, 344), (65, 287, 148, 391), (167, 298, 253, 373), (204, 416, 283, 495),
    ],
    "thatch": [(98, 45, 512, 190)],
    "jeep": [(106, 134, 420, 336)],
    "jeep_2": [(41, 153, 500, 388)],
    "yurt": [(0, 289, 227, 400), (269, 190, 512, 460)],
    "bottlecap": [(35, 83, 462, 470)],
    "drum": [(118, 76, 935, 650)],
    "Loafer": [(0, 88, 512, 344)],
    "prayer_rug": [],
    "cannon": [(0, 65, 447, 459)],
    "spoonbill": [(177, 166, 262, 304), (439, 184, 502, 315)],
    "goose": [(0, 93, 174, 381), (243, 68, 350, 258), (216, 190, 338, 488), (473, 135, 512, 322)],
    "dalmatian": [(0, 0, 512, 452)],
    "bald_eagle": [(0, 120, 512, 365)],
    "leafhopper": [(137, 43, 410, 470)],
    "dung_beetle": [(90, 125, 432, 400)],
}  # fmt: skip


class Sample:
    """A real photograph: `name`, `label`, `class_index`, and its `image`, uint8 (H, W, 3), read when asked for.

    `label` is ImageNet's, which errs: "spoonbill" shows two white ibises, "prayer_rug" windows of stained glass,
    "Loafer" a shoe with laces. `boxes` are the objects of the class, (left, top, right, bottom) in its pixels, right
    and bottom excluded.
    """

    def __init__(self, name, class_index, label, path):
        self.name, self.class_index, self.label, self.path = name, class_index, label, path
        self.boxes = list(BOXES[name])

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
