"""Photographs with boxes: Pascal VOC folders, COCO instance files, and what their categories are called in ImageNet."""

import json
import xml.etree.ElementTree
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from tp_visualisation.classifier import Classifier
from tp_visualisation.evaluation.localisation import is_difficult
from tp_visualisation.images import Image, load_image
from tp_visualisation.maps import Box
from tp_visualisation.names import nearest

_MAPPINGS = Path(__file__).parent / "mappings"
_MOST_PIXELS = 10**9
CLASS_MAPPINGS = {name: _MAPPINGS / f"{name}.json" for name in ("coco", "voc")}  # to ImageNet: `read_class_mapping`


class AnnotatedObject(NamedTuple):
    """An object's category and `Box`, and whether the data set sets it aside (VOC: difficult, COCO: crowd)."""

    category: str
    box: Box
    set_aside: bool = False


class AnnotatedImage(NamedTuple):
    """A photograph's name, path, size (H, W) and objects."""

    name: str
    path: Path
    size: tuple[int, int]
    objects: tuple[AnnotatedObject, ...]

    def load(self) -> Image:
        """Return the photograph, uint8 (H, W, 3).

        Raises:
            FileNotFoundError, ValueError: it is missing, damaged, or not of the size that its boxes are for.
        """
        image = load_image(self.path)
        if image.shape[:2] != self.size:
            raise ValueError(f'"{self.path}" is {image.shape[:2]}, but its boxes are for an image of {self.size}.')
        return image

    @property
    def categories(self) -> list[str]:
        """Names of the categories with a box, in alphabetical order; objects set aside do not count."""
        return sorted({thing.category for thing in self.objects if not thing.set_aside})

    def boxes(self, category: str) -> list[Box]:
        """Return the boxes of a category, without objects set aside.

        Raises:
            ValueError: the image has none; its categories are named.
        """
        if category not in self.categories:
            there = f"it has boxes of {', '.join(self.categories)}" if self.categories else "it has no boxes"
            raise ValueError(f'no category "{category}" in image "{self.name}": {there}.')
        return [thing.box for thing in self.objects if thing.category == category and not thing.set_aside]

    def difficult(self, category: str) -> bool:
        """Return whether the category is on the "difficult" part: see `is_difficult`.

        An object set aside is there for whoever looks at the image, so it counts as another category.
        """
        return is_difficult(self.boxes(category), self.size, {thing.category for thing in self.objects} - {category})


def read_voc(folder: str | Path, split: str | None = "test") -> list[AnnotatedImage]:
    """Read a Pascal VOC data set.

    Args:
        folder: a year's folder, such as VOCdevkit/VOC2007, with Annotations/ and JPEGImages/.
        split: the images listed in ImageSets/Main/SPLIT.txt; None for every file of Annotations/.

    Returns:
        list of `AnnotatedImage`. VOC counts pixels from 1 and its boxes include their last pixel; `Box` does not.

    Raises:
        FileNotFoundError: no such folder, split or annotation.
        ValueError: an annotation that cannot be read, or no images.
    """
    folder = Path(folder).expanduser()
    if not (folder / "Annotations").is_dir():
        raise FileNotFoundError(f'"{folder}" has no folder Annotations: give a year\'s folder, VOCdevkit/VOC2007.')
    if split is None:
        names = sorted(path.stem for path in (folder / "Annotations").glob("*.xml"))
    else:
        names = _split_names(folder / "ImageSets" / "Main", split)
    if not names:
        raise ValueError(f'"{folder}" is an empty data set: no image in {"Annotations" if split is None else split}.')
    return [_read_voc_annotation(folder, name) for name in names]


def read_coco(annotations: str | Path, images: str | Path | None = None) -> list[AnnotatedImage]:
    """Read a COCO data set.

    Args:
        annotations: file of instances, such as annotations/instances_val2017.json.
        images: folder of the photographs; None looks for the one of COCO's own layout (val2017 beside
            annotations), then for a folder "images" beside the file.

    Returns:
        list of `AnnotatedImage`, in the order of the file. A box without area is left out.

    Raises:
        FileNotFoundError: no such file, or no folder of images.
        ValueError: it is not a file of instances, or has no images, or names an unknown category or image.
    """
    annotations = Path(annotations).expanduser()
    content = _read_json(annotations)
    missing = [key for key in ("images", "annotations", "categories") if key not in content]
    if missing:
        raise ValueError(f'"{annotations}" is not a COCO file of instances: it has no "{missing[0]}".')
    if not content["images"]:
        raise ValueError(f'"{annotations}" is an empty data set: it lists no images.')
    images = _coco_folder(annotations) if images is None else Path(images).expanduser()

    try:
        categories = {category["id"]: _text(category["name"]) for category in content["categories"]}
        sizes = {image["id"]: (int(image["height"]), int(image["width"])) for image in content["images"]}
        paths = {image["id"]: Path(_text(image["file_name"])) for image in content["images"]}
        annotated = [_annotation(thing) for thing in content["annotations"]]
        for ids, kind in ((categories, "categories"), (sizes, "images")):
            if len(ids) < len(content[kind]):
                raise ValueError(f"two of its {kind} have the same id")
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise ValueError(f'"{annotations}" is not a COCO file of instances: {_said(error)}.') from error
    for image_id, size in sizes.items():
        _check_size(size, f'image {image_id!s:.40} of "{annotations}"')
    objects: dict[int, list[AnnotatedObject]] = {image_id: [] for image_id in sizes}
    for annotation_id, image_id, category, is_crowd, bbox in annotated:
        where = f'annotation {annotation_id} of "{annotations}"'
        if category not in categories:
            raise ValueError(f"{where} has the unknown category {category!s:.40}.")
        if image_id not in sizes:
            raise ValueError(f"{where} is for the unknown image {image_id!s:.40}.")
        try:
            x, y, width, height = (side + 0.0 for side in bbox)
        except (TypeError, ValueError, OverflowError) as error:
            raise ValueError(f"{where} needs a bbox [x, y, width, height], got {bbox!r:.80}.") from error
        if width and height:
            box = _fitted(Box(x, y, x + width, y + height), sizes[image_id], where)
            objects[image_id].append(AnnotatedObject(categories[category], box, is_crowd))
    return [
        AnnotatedImage(path.stem, images / path, sizes[image_id], tuple(objects[image_id]))
        for image_id, path in paths.items()
    ]


def read_class_mapping(
    path: str | Path, classifier: Classifier, categories: Collection[str] | None = None
) -> dict[str, list[int]]:
    """Read which of a classifier's classes a category of a data set means, such as "dog" → the breeds of ImageNet.

    Those of COCO and VOC, for networks with ImageNet's classes, come with the package: `CLASS_MAPPINGS["coco"]` and
    `CLASS_MAPPINGS["voc"]`. A class is listed where WordNet says that it is such a thing and the data set's own
    guidelines agree (VOC counts a tricycle as a bicycle, and no ambulance as a car). Of a toilet and a potted plant
    ImageNet has only the seat and the pot. Some of COCO's categories, a giraffe or a fork, have no class.

    Args:
        path: JSON file: an object of category → list of classes, each an index, label or WordNet id, or
            "first .. last" for two of them and all between; the list may also stand under the key "ids"
            of an object. An empty list: no class means this category.
        classifier: `Classifier` that the classes are for.
        categories: the data set's categories; one that the file names beyond these is an error. None
            accepts any.

    Returns:
        dict of category → list of class indices, empty where there is none.

    Raises:
        FileNotFoundError: no such file.
        ValueError: not such a file, or an unknown category or class.
    """
    content = _read_json(Path(path).expanduser())
    if not content:
        raise ValueError(f'"{path}" is an empty mapping.')
    mapping = {}
    for category, classes in content.items():
        if categories is not None and category not in categories:
            raise ValueError(
                f'"{path}" names the unknown category "{category}". Closest: {nearest(category, categories)}.'
            )
        classes = classes.get("ids") if isinstance(classes, dict) else classes
        if not isinstance(classes, list):
            raise ValueError(f'"{path}" must give "{category}" a list of classes, got {classes!r:.80}.')
        try:
            mapping[category] = [index for target in classes for index in _class_indices(classifier, target)]
        except ValueError as error:
            raise ValueError(f'"{path}", category "{category}": {error}') from error
    return mapping


def _class_indices(classifier, target):
    """The classes that an entry of a mapping means: one, or a range "first .. last"."""
    ends = target.split("..") if isinstance(target, str) else [target]
    if len(ends) > 2:
        raise ValueError(f'a range of classes is written "first .. last", got "{target}".')
    first, last = classifier.class_index(ends[0]), classifier.class_index(ends[-1])
    if last < first:
        raise ValueError(f'the range "{target}" ends before it begins, at class {last} after class {first}.')
    return range(first, last + 1)


def highest_class(classifier: Classifier, image: Image, classes: Collection[int]) -> int:
    """Return the one of `classes`, a list of class indices, with the highest score: the target of a category.

    Raises:
        ValueError: `classes` is empty, as that of a category that none of the classifier's classes means.
    """
    if len(classes) == 0:
        raise ValueError("classes is empty: no class of this classifier means the category, so leave it out.")
    scores = classifier.scores(image)[0]
    return max(classes, key=lambda index: scores[index])


def _split_names(folder, split):
    path = folder / f"{split}.txt"
    if not path.is_file():
        known = sorted(other.stem for other in folder.glob("*.txt"))
        hint = f" Closest: {nearest(str(split), known)}." if known else ""
        raise FileNotFoundError(f'there is no split "{split}" in "{folder}".{hint}')
    try:
        return [line.split()[0] for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise ValueError(f'"{path}" is not a list of names, one a line: {error}.') from error


def _read_voc_annotation(folder, name):
    path = folder / "Annotations" / f"{name}.xml"
    try:
        root = xml.etree.ElementTree.parse(path).getroot()
        height, width = (int(root.findtext(f"size/{side}")) for side in ("height", "width"))
        found = []
        for entry in root.iter("object"):
            x1, y1, x2, y2 = (float(entry.findtext(f"bndbox/{side}")) for side in ("xmin", "ymin", "xmax", "ymax"))
            difficult = entry.findtext("difficult", "0").strip() == "1"
            found.append((entry.findtext("name").strip(), Box(x1 - 1, y1 - 1, x2, y2), difficult))
    # a tag that is missing gives None, an unknown encoding a LookupError
    except (xml.etree.ElementTree.ParseError, TypeError, AttributeError, ValueError, LookupError) as error:
        raise ValueError(f'"{path}" is not a VOC annotation: {error}.') from error
    _check_size((height, width), f'"{path}"')
    objects = [
        AnnotatedObject(category, _fitted(box, (height, width), f'"{path}"'), difficult)
        for category, box, difficult in found
    ]
    file_name = root.findtext("filename", f"{name}.jpg")
    return AnnotatedImage(name, folder / "JPEGImages" / file_name, (height, width), tuple(objects))


def _annotation(thing):
    """The id of an annotation, of its image and of its category, whether it is a crowd, and its box."""
    image_id, category = thing["image_id"], thing["category_id"]
    hash((image_id, category))  # a TypeError for what is no id
    return f"{thing.get('id')!s:.40}", image_id, category, bool(thing.get("iscrowd", 0)), thing["bbox"]


def _text(value):
    if not isinstance(value, str):
        raise TypeError(f"a name must be a text, got {value!r:.80}")
    return value


def _said(error):
    """What an error says; that of a missing key is only the key."""
    return f"it has no {error}" if isinstance(error, KeyError) else str(error)


def _check_size(size, where):
    """Raise a ValueError where a photograph cannot be so large: an array of its size is made."""
    height, width = size
    if not (height > 0 and width > 0 and height * width <= _MOST_PIXELS):
        raise ValueError(f"{where}: an image has between 1 and {_MOST_PIXELS:,} pixels, got {height} x {width}.")


def _fitted(box, size, where):
    """`box` cut at the borders of the image, which annotations overstep by up to a pixel in rounding."""
    height, width = size
    left, top, right, bottom = box
    if not (-1 <= left < right <= width + 1 and -1 <= top < bottom <= height + 1 and left < width and top < height):
        raise ValueError(f"{where} has a box outside its image of {height} x {width} pixels: {tuple(box)}.")
    return Box(max(left, 0), max(top, 0), min(right, width), min(bottom, height))


def _coco_folder(annotations):
    official = annotations.parent.parent / annotations.stem.removeprefix("instances_")
    for folder in (official, annotations.parent / "images"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f'there is no "{official}" with the images of "{annotations}": name their folder.')


def _read_json(path):
    if not path.is_file():
        raise FileNotFoundError(f'there is no file "{path}".')
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f'"{path}" is not a JSON file: {error}.') from error
    if not isinstance(content, dict):
        raise ValueError(f'"{path}" must hold a JSON object, got a {type(content).__name__}.')
    return content
