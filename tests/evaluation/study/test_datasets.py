import contextlib
import json
import random
import re

import numpy as np
import PIL.Image
import pytest

import tp_visualisation as tpv
from tp_visualisation.evaluation import CLASS_MAPPINGS, highest_class, read_class_mapping, read_coco, read_voc
from tp_visualisation.labels import find_class, imagenet_labels


def write_picture(path, size):
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.fromarray(np.zeros((*size, 3), np.uint8)).save(path)


def voc_object(name, box, difficult=0):
    sides = "".join(f"<{side}>{v}</{side}>" for side, v in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True))
    return f"<object><name>{name}</name><difficult>{difficult}</difficult><bndbox>{sides}</bndbox></object>"


def write_voc(folder, name, *objects, size=(60, 80)):
    (folder / "Annotations").mkdir(parents=True, exist_ok=True)
    (folder / "Annotations" / f"{name}.xml").write_text(
        f"<annotation><filename>{name}.jpg</filename><size><width>{size[1]}</width><height>{size[0]}</height>"
        f"<depth>3</depth></size>{''.join(objects)}</annotation>"
    )
    write_picture(folder / "JPEGImages" / f"{name}.jpg", size)


@pytest.fixture
def voc(tmp_path):
    folder = tmp_path / "VOCdevkit" / "VOC2007"
    small_dog, large_dog = voc_object("dog", (11, 6, 20, 15)), voc_object("dog", (1, 1, 80, 60), difficult=1)
    write_voc(folder, "000001", small_dog, large_dog, voc_object("person", (1, 1, 80, 60)))
    write_voc(folder, "000002", voc_object("cat", (1, 1, 10, 10), difficult=1))
    write_voc(folder, "000003", voc_object("cat", (1, 1, 10, 10)))
    (folder / "ImageSets" / "Main").mkdir(parents=True)
    (folder / "ImageSets" / "Main" / "test.txt").write_text("000001\n000002\n")
    return folder


def test_voc_boxes_count_from_0_and_end_outside(voc):
    first, _ = read_voc(voc)
    assert (first.name, first.size, first.path) == ("000001", (60, 80), voc / "JPEGImages" / "000001.jpg")
    assert first.boxes("dog") == [(10, 5, 20, 15)]
    assert first.boxes("person") == [(0, 0, 80, 60)]
    assert first.load().shape == (60, 80, 3)


def test_voc_difficult_objects_are_set_aside(voc):
    first, second = read_voc(voc)
    assert first.categories == ["dog", "person"]
    assert second.categories == []
    with pytest.raises(ValueError, match="has no boxes"):
        second.boxes("cat")


def test_the_difficult_part_is_told_for_each_category(voc):
    first, *_, third = read_voc(voc, split=None)
    assert first.difficult("dog")
    assert not first.difficult("person")
    assert not third.difficult("cat")


def test_unknown_category_names_those_that_are_there(voc):
    with pytest.raises(ValueError, match='no category "dig" in image "000001": it has boxes of dog, person'):
        read_voc(voc)[0].boxes("dig")


def test_voc_split_none_reads_every_annotation_and_an_unknown_split_is_refused(voc):
    assert [image.name for image in read_voc(voc, split=None)] == ["000001", "000002", "000003"]
    with pytest.raises(FileNotFoundError, match='no split "tests".*Closest: "test"'):
        read_voc(voc, split="tests")


def test_voc_folders_that_are_wrong_or_empty_are_refused(voc):
    with pytest.raises(FileNotFoundError, match="VOCdevkit/VOC2007"):
        read_voc(voc.parent)
    (voc / "ImageSets" / "Main" / "val.txt").write_text("\n")
    with pytest.raises(ValueError, match="empty data set"):
        read_voc(voc, split="val")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<annotation>", "is not a VOC annotation"),
        ("<annotation></annotation>", "is not a VOC annotation"),
        (None, "box outside its image of 60 x 80 pixels"),
    ],
)
def test_voc_damaged_annotations_are_named(voc, content, message):
    if content is None:
        write_voc(voc, "000001", voc_object("dog", (11, 6, 95, 15)))
    else:
        (voc / "Annotations" / "000001.xml").write_text(content)
    with pytest.raises(ValueError, match=f"000001.xml.*{message}"):
        read_voc(voc)


def test_a_picture_of_another_size_than_its_boxes_is_refused(voc):
    write_picture(voc / "JPEGImages" / "000001.jpg", (30, 30))
    with pytest.raises(ValueError, match="boxes are for an image of"):
        read_voc(voc)[0].load()


@pytest.fixture
def coco():
    return {
        "categories": [{"id": 18, "name": "dog"}, {"id": 1, "name": "person"}],
        "images": [
            {"id": 7, "file_name": "000000000007.jpg", "height": 60, "width": 80},
            {"id": 9, "file_name": "000000000009.jpg", "height": 60, "width": 80},
        ],
        "annotations": [
            {"id": 1, "image_id": 7, "category_id": 18, "bbox": [10.5, 5, 9.5, 10], "iscrowd": 0},
            {"id": 2, "image_id": 7, "category_id": 1, "bbox": [0, 0, 80.3, 60], "iscrowd": 1},
            {"id": 3, "image_id": 7, "category_id": 18, "bbox": [3, 3, 0, 4], "iscrowd": 0},
        ],
    }


def write_coco(tmp_path, content):
    path = tmp_path / "annotations" / "instances_val2017.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))
    write_picture(tmp_path / "val2017" / "000000000007.jpg", (60, 80))
    return path


def test_coco_boxes_become_corners_and_crowds_are_set_aside(tmp_path, coco):
    first, second = read_coco(write_coco(tmp_path, coco))
    assert first.categories == ["dog"]
    assert first.boxes("dog") == [(10.5, 5, 20, 15)]
    assert [thing.box for thing in first.objects if thing.set_aside] == [(0, 0, 80, 60)]  # cut at the border
    assert first.difficult("dog")  # the crowd is there
    assert first.load().shape == (60, 80, 3)
    assert second.objects == ()


def test_coco_images_are_looked_for_in_its_own_layout_and_beside_the_file(tmp_path, coco):
    path = write_coco(tmp_path, coco)
    assert read_coco(path)[0].path == tmp_path / "val2017" / "000000000007.jpg"
    assert read_coco(path, tmp_path / "elsewhere")[0].path == tmp_path / "elsewhere" / "000000000007.jpg"
    path = path.rename(tmp_path / "objects.json")
    with pytest.raises(FileNotFoundError, match="name their folder"):
        read_coco(path)
    (tmp_path / "images").mkdir()
    assert read_coco(path)[0].path == tmp_path / "images" / "000000000007.jpg"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content["annotations"][0].update(category_id=3), "annotation 1 of .* unknown category 3"),
        (lambda content: content["annotations"][0].update(image_id=8), "unknown image 8"),
        (lambda content: content["annotations"][0].update(bbox=[10, 5, 90, 10]), "box outside its image"),
        (lambda content: content["annotations"][0].update(bbox=[10, 5, -2, 10]), "box outside its image"),
        (lambda content: content["annotations"][0].update(bbox=[10, 5, 2]), "needs a bbox"),
        (lambda content: content["annotations"][0].pop("bbox"), "not a COCO file"),
        (lambda content: content["images"].clear(), "empty data set"),
        (lambda content: content.pop("categories"), 'it has no "categories"'),
    ],
)
def test_coco_files_that_cannot_be_right_are_refused(tmp_path, coco, change, message):
    change(coco)
    with pytest.raises(ValueError, match=message):
        read_coco(write_coco(tmp_path, coco))


def test_a_file_that_is_not_json_or_not_there_is_refused(tmp_path):
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(ValueError, match="not a JSON file"):
        read_coco(tmp_path / "a.json")
    with pytest.raises(FileNotFoundError, match="there is no file"):
        read_coco(tmp_path / "b.json")


def test_a_mapping_gives_class_indices_from_indices_labels_and_wnids(tmp_path, nested):
    path = tmp_path / "mapping.json"
    path.write_text(json.dumps({"pet": ["cat", 1], "wild": {"ids": [2]}, "any": ["cat .. fox"], "fish": []}))
    assert read_class_mapping(path, nested) == {"pet": [0, 1], "wild": [2], "any": [0, 1, 2], "fish": []}


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"dgo": ["dog"]}, 'unknown category "dgo". Closest: "dog"'),
        ({"dog": ["doog"]}, 'category "dog": no class "doog"'),
        ({"dog": [3]}, 'category "dog": target must be a class index'),
        ({"dog": ["fox .. cat"]}, 'category "dog": the range "fox .. cat" ends before it begins'),
        ({"dog": ["cat .. dog .. fox"]}, 'written "first .. last"'),
        ({"dog": ["cat .. foz"]}, 'no class "foz"'),
        ({"dog": "dog"}, 'must give "dog" a list of classes'),
        ({}, "empty mapping"),
        (["dog"], "must hold a JSON object"),
    ],
)
def test_a_mapping_that_cannot_be_right_is_refused(tmp_path, nested, mapping, message):
    path = tmp_path / "mapping.json"
    path.write_text(json.dumps(mapping))
    with pytest.raises(ValueError, match=message):
        read_class_mapping(path, nested, categories=["dog", "fox"])


def test_a_category_without_a_class_has_no_target(nested):
    with pytest.raises(ValueError, match="no class of this classifier means the category"):
        highest_class(nested, np.zeros((60, 80, 3), np.uint8), [])


# The mappings that come with the package


def listed(text):
    return [name.strip() for name in text.split(",")]


VOC = listed(
    "aeroplane, bicycle, bird, boat, bottle, bus, car, cat, chair, cow, diningtable, dog, horse, motorbike, person, "
    "pottedplant, sheep, sofa, train, tvmonitor"
)
COCO = listed(
    "person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant, stop sign, "
    "parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, backpack, umbrella, "
    "handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat, baseball glove, skateboard, "
    "surfboard, tennis racket, bottle, wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange, "
    "broccoli, carrot, hot dog, pizza, donut, cake, chair, couch, potted plant, bed, dining table, toilet, tv, laptop, "
    "mouse, remote, keyboard, cell phone, microwave, oven, toaster, sink, refrigerator, book, clock, vase, scissors, "
    "teddy bear, hair drier, toothbrush"
)
WITHOUT_A_CLASS = listed(
    "fire hydrant, giraffe, suitcase, frisbee, snowboard, kite, baseball bat, baseball glove, skateboard, surfboard, "
    "fork, carrot, donut, cake, scissors, toothbrush"
)
AS_IN_WORDNET = {  # category → its classes, by the offsets of their synsets
    "person": "n09835506 n10148035 n10565667",
    "airplane": "n02690373 n04552348",
    "elephant": "n02504013 n02504458 n01871265",
    "cat": "n02123045 n02123159 n02123394 n02123597 n02124075",
    "bear": "n02132136 n02133161 n02134084 n02134418",
    "keyboard": "n03085013 n04505470",
    "clock": "n02708093 n03196217 n04548280",
    "apple": "n07742313",
    "mouse": "n03793489",
    "hair drier": "n03483316",
}


class Named:
    """Only the names of ImageNet's classes, without a network."""

    labels = imagenet_labels()

    def class_index(self, target):
        return find_class(target, self.labels)


@pytest.mark.parametrize(("name", "categories"), [("voc", VOC), ("coco", COCO)])
def test_a_mapping_of_the_package_names_the_categories_of_its_data_set_in_order(name, categories):
    mapping = read_class_mapping(CLASS_MAPPINGS[name], Named(), categories)
    assert list(mapping) == categories
    assert [category for category in categories if not mapping[category]] == (WITHOUT_A_CLASS if name == "coco" else [])
    classes = [index for listed in mapping.values() for index in listed]
    assert len(classes) == len(set(classes))  # no class means two things
    assert 0 <= min(classes) <= max(classes) <= 999


def test_coco_has_the_breeds_and_species_of_imagenet():
    mapping = read_class_mapping(CLASS_MAPPINGS["coco"], Named())
    assert mapping["dog"] == list(range(151, 269))
    assert mapping["cat"] == list(range(281, 286))
    assert mapping["bird"] == [*range(7, 25), *range(80, 101), *range(127, 147)]
    for category, wnids in AS_IN_WORDNET.items():
        assert {Named.labels[index].wnid for index in mapping[category]} == set(wnids.split()), category


def test_voc_and_coco_differ_where_their_guidelines_do():
    voc, coco = (read_class_mapping(CLASS_MAPPINGS[name], Named()) for name in ("voc", "coco"))
    renamed = {
        "aeroplane": "airplane",
        "diningtable": "dining table",
        "motorbike": "motorcycle",
        "sofa": "couch",
        "pottedplant": "potted plant",
        "tvmonitor": "tv",
    }
    differences = {
        category: {Named.labels[index].label for index in set(classes) ^ set(coco[renamed.get(category, category)])}
        for category, classes in voc.items()
    }
    assert {category: labels for category, labels in differences.items() if labels} == {
        "bicycle": {"tricycle", "unicycle"},
        "car": {"ambulance"},
        "sheep": {"bighorn"},
        "train": {"streetcar"},
    }


def test_the_target_of_a_category_is_its_class_with_the_highest_score(embedded):
    bird = read_class_mapping(CLASS_MAPPINGS["voc"], embedded, VOC)["bird"]
    eagle = tpv.sample_images()["bald_eagle"]
    assert highest_class(embedded, eagle.image, bird) == eagle.class_index


@pytest.mark.parametrize(("classes", "grey", "highest"), [([0, 1], 255, 1), ([0], 255, 0), ([1, 0], 0, 0)])
def test_the_highest_class_of_a_list_is_its_target(logistic, classes, grey, highest):
    """The score of class 1 is positive for a white image and negative for a black one, that of class 0 is 0."""
    classifier = logistic(np.abs(np.random.default_rng(0).normal(0, 0.4, (4, 5, 3))).astype(np.float32))
    assert highest_class(classifier, np.full((4, 5, 3), grey, np.uint8), classes) == highest


# Files of any content


ODD = ["1.5", "x", "", " ", "nan", "inf", "-1", "0", "1e400", str(10**9), "9" * 5000, "１", "\ud800", "<a/>", "&lt;"]
OTHER = [None, True, -1, 0, 1.5, 10**9, 10**400, float("nan"), float("inf"), "", "x", "\ud800", [], [1], {}, {"id": 1}]


def read_whatever(read, path):
    """Read it; what cannot be read must be a ValueError or OSError that names the file. What is read can be used."""
    try:
        images = read()
    except (ValueError, OSError) as error:
        images, said = None, str(error)
    if images is None:
        assert path.name in said
        assert len(said) < 2000
        return False
    for image in images:
        assert isinstance(image.name, str)
        for category in image.categories:
            assert all(0 <= value <= 80 for box in image.boxes(category) for value in box)
            if image.size == (60, 80):
                image.difficult(category)
    return True


@pytest.mark.parametrize("tag", ["xmin", "ymax", "width", "height", "name", "difficult", "filename"])
def test_a_voc_annotation_with_an_odd_value_is_read_or_named(voc, tag):
    path = voc / "Annotations" / "000001.xml"
    whole = path.read_text(encoding="utf-8")
    for value in ODD:
        content = re.sub(f"<{tag}>.*?</{tag}>", f"<{tag}>{value}</{tag}>", whole, count=1)
        path.write_bytes(content.encode("utf-8", "surrogatepass"))
        read_whatever(lambda: read_voc(voc), path)


def test_a_voc_annotation_of_any_content_is_read_or_named(voc):
    path, rng = voc / "Annotations" / "000001.xml", random.Random(0)
    whole = path.read_bytes()
    entities = "".join(f'<!ENTITY e{i + 1} "{f"&e{i};" * 10}">' for i in range(9))
    for content in [
        b"",
        b"\0" * 99,
        b"<a>" * 100_000,
        b"<a>" * 100_000 + b"</a>" * 100_000,
        *(
            f'<?xml version="1.0" encoding="{name}"?><a/>'.encode()
            for name in ("foo", "utf-16", "utf-7", "cp037", "zip")
        ),
        f'<!DOCTYPE a [<!ENTITY e0 "x">{entities}]><a>&e9;</a>'.encode(),
        whole.decode().encode("utf-16"),
        whole.replace(b"object", b"annotation"),
    ]:
        path.write_bytes(content)
        read_whatever(lambda: read_voc(voc), path)
    n_read = 0
    for _ in range(500):
        content, place = bytearray(whole), rng.randrange(len(whole))
        content[place : place + rng.choice([0, 1, 1, 9])] = rng.choice(
            [b"", rng.randbytes(1), b"9", b"<", b">", b"1.5"]
        )
        path.write_bytes(content)
        n_read += read_whatever(lambda: read_voc(voc), path)
    assert 0 < n_read < 500


def test_a_voc_list_of_any_content_is_read_or_named(voc):
    path = voc / "ImageSets" / "Main" / "test.txt"
    for content in (b"\xff\xfe", b"a\0b", b"../../x\n", b"000001 -1\n", "\u2028é".encode(), b"x" * 5000):
        path.write_bytes(content)
        with contextlib.suppress(ValueError, OSError):
            read_voc(voc)


def places(content, way=()):
    """The way to everything inside a JSON object."""
    if way:
        yield way
    for key in content if isinstance(content, dict) else range(len(content)) if isinstance(content, list) else ():
        yield from places(content[key], (*way, key))


def test_a_coco_file_with_another_value_anywhere_is_read_or_named(tmp_path, coco):
    """Every value is replaced by every other kind of value, removed, and doubled."""
    path = write_coco(tmp_path, coco)
    whole, n_read, n_tried = path.read_text(encoding="utf-8"), 0, 0
    for *way, last in places(coco):
        for value in [*OTHER, "removed", "doubled"]:
            content = json.loads(whole)
            parent = content
            for key in way:
                parent = parent[key]
            if value == "removed":
                del parent[last]
            elif value == "doubled":
                parent[last] = [parent[last]] * 2
            else:
                parent[last] = value
            path.write_text(json.dumps(content))
            n_read += read_whatever(lambda: read_coco(path), path)
            n_tried += 1
    assert n_tried > 500
    assert 0 < n_read < n_tried


@pytest.mark.parametrize("reader", ["coco", "mapping"])
def test_a_json_file_of_any_content_is_read_or_named(tmp_path, coco, nested, reader):
    path, rng = write_coco(tmp_path, coco), random.Random(0)
    if reader == "mapping":
        path.write_text(json.dumps({"pet": ["cat", 1], "wild": {"ids": [2]}, "any": ["cat .. fox"], "fish": []}))

    def read():
        if reader == "coco":
            return read_coco(path)
        mapping = read_class_mapping(path, nested)
        assert all(0 <= index < 3 for classes in mapping.values() for index in classes)
        return []

    whole = path.read_bytes()
    nests = [begin * 100_000 + end * 100_000 for begin, end in ((b"[", b"]"), (b'{"images":', b"}"), (b"[", b""))]
    for content in [b"", b"\0", b"\xff\xfe", b"null", b"[]", b"{}", b"9" * 5000, b'{"a": 1e999}', *nests]:
        path.write_bytes(content)
        assert not read_whatever(read, path)
    for value in OTHER:
        path.write_text(json.dumps({"pet": value, "images": value, "annotations": value, "categories": value}))
        read_whatever(read, path)
        path.write_text(json.dumps({"pet": [value, value]}))
        read_whatever(read, path)
    n_read = 0
    for _ in range(500):
        content, place = bytearray(whole), rng.randrange(len(whole))
        content[place : place + rng.choice([0, 1, 1, 9])] = rng.choice(
            [b"", rng.randbytes(1), b"9", b"{", b"]", b"1.5"]
        )
        path.write_bytes(content)
        n_read += read_whatever(read, path)
    assert 0 < n_read < 500


def test_ids_that_are_there_twice_are_told(tmp_path, coco):
    for kind in ("images", "categories"):
        content = {**coco, kind: coco[kind] + coco[kind][:1]}
        with pytest.raises(ValueError, match=f"val2017.json.*two of its {kind} have the same id"):
            read_coco(write_coco(tmp_path, content))
