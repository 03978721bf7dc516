"""What a benchmark explains: photographs of a data set, each with a class, or with a category and its boxes."""

import os
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tp_visualisation.checks import WrongKind, check_integer
from tp_visualisation.classifier import Classifier
from tp_visualisation.evaluation.study.datasets import (
    CLASS_MAPPINGS,
    AnnotatedImage,
    highest_class,
    read_class_mapping,
    read_coco,
    read_voc,
)
from tp_visualisation.images import SUFFIXES, Image, image_files, load_image
from tp_visualisation.maps import Box
from tp_visualisation.samples import Sample, sample_images


class Photograph(NamedTuple):
    """A photograph's name, its path, and what names its class: candidates, the surest first."""

    name: str
    path: Path
    class_names: tuple[str, ...]

    def load(self) -> Image:
        """Return the photograph, uint8 (H, W, 3)."""
        return load_image(self.path)


class DataSet(NamedTuple):
    """Photographs, `Photograph`s or `AnnotatedImage`s, and their kind: samples, folder, list, coco or voc."""

    kind: str
    photographs: list

    @property
    def has_boxes(self) -> bool:
        """Whether it says where the objects are."""
        return isinstance(self.photographs[0], AnnotatedImage)


class Example(NamedTuple):
    """A photograph and what to explain in it.

    `classes` are class indices: of several the one with the highest score is explained, of none the predicted
    class. `category` is that of the boxes, "" without boxes.
    """

    photograph: Photograph | AnnotatedImage
    category: str
    classes: tuple[int, ...]

    @property
    def name(self) -> str:
        """The name of the photograph."""
        return self.photograph.name

    @property
    def boxes(self) -> list[Box]:
        """The boxes of the category; empty without a category."""
        if isinstance(self.photograph, AnnotatedImage) and self.category:
            return self.photograph.boxes(self.category)
        return []

    @property
    def difficult(self) -> bool | None:
        """Whether the category is on the difficult part, see `is_difficult`; None without a category."""
        if isinstance(self.photograph, AnnotatedImage) and self.category:
            return self.photograph.difficult(self.category)
        return None

    def target(self, classifier: Classifier, image: Image) -> int:
        """Return the index of the class to explain."""
        if len(self.classes) == 1:
            return self.classes[0]
        return highest_class(classifier, image, self.classes or range(len(classifier.labels)))


def read_dataset(dataset, split: str | None = None, images: str | Path | None = None) -> DataSet:
    """Return the `DataSet` of a name: at least one photograph, each with a name of its own.

    Args:
        dataset: "samples"; a folder of images, each named or foldered by its class; a year's folder of Pascal
            VOC; a COCO file of instances; or a list of `AnnotatedImage`s or `Sample`s.
        split: of VOC, "test" if None.
        images: folder of COCO's photographs; None looks for it, see `read_coco`.

    Raises:
        FileNotFoundError: no such data set, or none of its photographs is there.
        ValueError: it is none of these, empty or damaged, or an option does not belong to it.
    """
    kind, path = _kind(dataset)
    if split is not None and kind != "voc":
        raise ValueError(f'split "{split}" is for a folder of Pascal VOC, and this data set is none.')
    if images is not None and kind != "coco":
        raise ValueError(f'images "{images}" is for a COCO file, and this data set is none.')
    if kind == "voc":
        photographs = read_voc(path, split or "test")
    elif kind == "coco":
        photographs = read_coco(path, images)
    elif kind == "folder":
        photographs = _read_folder(path)
    else:
        photographs = [_photograph(image) for image in (sample_images() if kind == "samples" else dataset)]
    if not photographs:
        raise ValueError(f'the data set "{dataset}" is empty: it has no photograph ({" ".join(SUFFIXES)}).')
    if not any(photograph.path.is_file() for photograph in photographs):
        raise FileNotFoundError(f'none of the photographs is there, "{photographs[0].path}" for instance.')
    name, times = Counter(photograph.name for photograph in photographs).most_common(1)[0]
    if times > 1:
        raise ValueError(f'{times} photographs are called "{name}": each needs a name of its own.')
    return DataSet(kind, photographs)


def choose(photographs: list, limit: int | None, seed: int) -> list:
    """Return at most `limit` of the photographs, drawn at random, in their order; a larger limit keeps them."""
    if limit is None:
        return photographs
    check_integer("[1, inf)", limit=limit)
    drawn = np.random.default_rng(seed).permutation(len(photographs))[:limit]
    return [photographs[index] for index in sorted(drawn)]


def examples_of(
    dataset: DataSet, classifier: Classifier, target: str = "class", class_mapping: str | Path | dict | None = None
) -> list[Example]:
    """Return the `Example`s of a `DataSet`: one for each photograph, or one for each category that has a box in it.

    Args:
        dataset: from `read_dataset`.
        classifier: `Classifier` whose classes are explained.
        target: "class" for the class or the categories that the data set gives, "predicted" for the class that
            the network sees.
        class_mapping: what categories mean for the classifier: a file for `read_class_mapping`, or a dict of
            category → list of classes. None takes the file that comes with the package for ImageNet's
            thousand classes, else the categories that are labels of the classifier. Categories without a
            meaning are left out.

    Raises:
        ValueError: a photograph has no class, or no category has a meaning.
    """
    if target == "predicted":
        return [Example(photograph, "", ()) for photograph in dataset.photographs]
    if not dataset.has_boxes:
        return [Example(photograph, "", (_class_of(photograph, classifier),)) for photograph in dataset.photographs]
    mapping = _mapping(dataset, classifier, class_mapping)
    examples = [
        Example(photograph, category, tuple(mapping[category]))
        for photograph in dataset.photographs
        for category in photograph.categories
        if mapping.get(category)
    ]
    if not examples:
        categories = ", ".join(_categories(dataset)) or "(there are none)"
        raise ValueError(
            f"none of the categories {categories} is a class of {classifier.name}: name some in a class mapping."
        )
    return examples


def _kind(dataset):
    """What kind of data set it is, and its path if it has one."""
    if isinstance(dataset, (list, tuple)):
        return "list", None
    if not isinstance(dataset, (str, os.PathLike)):
        raise WrongKind(
            'dataset must be "samples", the path of a folder or a COCO file, or a list of what read_voc, read_coco or '
            f"sample_images give, got {type(dataset).__name__}."
        )
    if dataset == "samples":
        return "samples", None
    path = Path(dataset).expanduser()
    if path.is_file() and path.suffix.lower() == ".json":
        return "coco", path
    if path.is_file():
        raise ValueError(f'"{path}" is a file: a data set is a folder, a COCO file (.json) or "samples".')
    if not path.is_dir():
        raise FileNotFoundError(f'there is no data set "{dataset}": give a folder, a COCO file (.json) or "samples".')
    years = [path] if (path / "Annotations").is_dir() else sorted(year.parent for year in path.glob("*/Annotations"))
    if len(years) > 1:
        raise ValueError(f'"{path}" holds several years of VOC: name one of {", ".join(map(str, years))}.')
    return ("voc", years[0]) if years else ("folder", path)


def _photograph(image):
    if isinstance(image, Sample):
        return Photograph(image.name, image.path, (str(image.class_index),))
    if isinstance(image, AnnotatedImage):
        return image
    raise ValueError(f"a list must hold what read_voc, read_coco or sample_images give, got {image!r:.80}.")


def _read_folder(folder):
    photographs = []
    for path in image_files(folder):
        within = path.relative_to(folder)
        class_names = (path.parent.name,) if len(within.parts) > 1 else _class_names(path.stem)
        photographs.append(Photograph(within.as_posix(), path, class_names))
    return photographs


def _class_names(stem):
    """What the name of a file may call its class: "n02123045_tabby", "tabby_cat", "tabby (2)", "281"."""
    names = [stem, re.sub(r"[ _\-(]*\d+\)?$", "", stem), re.split(r"[ _\-]", stem)[0]]
    sure = [name for name in names if re.fullmatch(r"n\d{8}|0|[1-9]\d{0,3}", name)]  # 00012 is a counter
    return tuple(dict.fromkeys(sure + [name for name in names[:2] if not name.isdigit() and name]))


def _class_of(photograph, classifier):
    errors = []
    for name in photograph.class_names:
        try:
            return classifier.class_index(name)
        except ValueError as error:
            errors.append(error)
    raise ValueError(
        f'"{photograph.path}": neither folder nor name says the class (label, WordNet id or index)'
        f'{f": {errors[0]}" if errors else "."} The target "predicted" needs no class.'
    )


def _mapping(dataset, classifier, class_mapping):
    """dict of category → list of class indices."""
    if isinstance(class_mapping, dict):
        return {name: [classifier.class_index(entry) for entry in classes] for name, classes in class_mapping.items()}
    if class_mapping is not None:
        return read_class_mapping(class_mapping, classifier)
    if all(entry.wnid for entry in classifier.labels):
        known = {kind: read_class_mapping(path, classifier) for kind, path in CLASS_MAPPINGS.items()}
        return known.get(dataset.kind) or max(
            known.values(), key=lambda names: len(names.keys() & set(_categories(dataset)))
        )
    labels = {entry.label: entry.index for entry in classifier.labels}
    return {category: [labels[category]] for category in _categories(dataset) if category in labels}


def _categories(dataset):
    return sorted({category for photograph in dataset.photographs for category in photograph.categories})
