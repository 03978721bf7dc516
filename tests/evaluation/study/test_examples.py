import pytest

from tp_visualisation.evaluation.study.datasets import AnnotatedImage, AnnotatedObject
from tp_visualisation.evaluation.study.examples import choose, examples_of, read_dataset


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("n02123045_tabby.JPEG", 281),
        ("n02123045_1234.png", 281),
        ("tabby.jpg", 281),
        ("African_elephant 2.webp", 386),
        ("african elephant (3).jpg", 386),
        ("282.png", 282),
        ("282_left.png", 282),
        ("n02123045/00012.jpg", 281),
        ("bull mastiff/281.jpg", 243),
        ("243/tabby.jpg", 243),
        ("train/n02123045/x.JPEG", 281),
    ],
)
def test_the_class_is_that_of_the_folder_or_else_of_the_name(embedded, tmp_path, name, index):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).touch()
    (tmp_path / "notes.txt").touch()
    (tmp_path / ".hidden.jpg").touch()
    (example,) = examples_of(read_dataset(tmp_path), embedded)
    assert (example.photograph.name, example.classes) == (name, (index,))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("00012.jpg", "neither folder nor name says the class"),
        ("IMG_1234.jpg", 'no class "IMG_1234"'),
        ("tabbi cat/1.jpg", 'no class "tabbi cat"'),
        ("crane.jpg", "names several classes"),
    ],
)
def test_a_name_that_is_no_class_is_refused(embedded, tmp_path, name, message):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).touch()
    with pytest.raises(ValueError, match=message):
        examples_of(read_dataset(tmp_path), embedded)


def test_samples_are_explained_by_their_own_class(embedded):
    examples = examples_of(read_dataset("samples"), embedded)
    assert len(examples) == 20
    assert {example.photograph.name: example.classes for example in examples}["dalmatian"] == (251,)


def test_an_imagenet_network_knows_what_categories_mean(embedded, tmp_path):
    (tmp_path / "1.jpg").touch()
    things = tuple(AnnotatedObject(category, (0, 0, 4, 4)) for category in ("dog", "person", "tvmonitor"))
    examples = examples_of(read_dataset([AnnotatedImage("1", tmp_path / "1.jpg", (8, 8), things)]), embedded)
    classes = {example.category: example.classes for example in examples}
    assert 251 in classes["dog"]
    assert 851 in classes["tvmonitor"]  # television, in VOC's mapping: COCO calls it tv


def test_an_example_knows_the_boxes_of_its_category(embedded, tmp_path):
    (tmp_path / "1.jpg").touch()
    things = (AnnotatedObject("dog", (0, 0, 2, 2)), AnnotatedObject("cat", (0, 0, 8, 8)))
    data = read_dataset([AnnotatedImage("1", tmp_path / "1.jpg", (8, 8), things)])
    cat, dog = examples_of(data, embedded)
    assert [(example.name, example.boxes, example.difficult) for example in (cat, dog)] == [
        ("1", [(0, 0, 8, 8)], False),
        ("1", [(0, 0, 2, 2)], True),
    ]
    (seen,) = examples_of(data, embedded, target="predicted")
    assert (seen.name, seen.boxes, seen.difficult) == ("1", [], None)


def test_a_larger_limit_keeps_the_images_of_a_smaller_one_in_order():
    drawn = [choose(list(range(100)), limit, 3) for limit in (5, 50)]
    assert set(drawn[0]) < set(drawn[1])
    assert drawn[1] == sorted(drawn[1])
    assert choose([1, 2], 5, 0) == [1, 2]


def test_two_photographs_of_one_name_and_several_years_of_voc_are_refused(tmp_path):
    (tmp_path / "1.jpg").touch()
    image = AnnotatedImage("1", tmp_path / "1.jpg", (8, 8), ())
    with pytest.raises(ValueError, match='2 photographs are called "1"'):
        read_dataset([image, image])
    for year in ("VOC2007", "VOC2012"):
        (tmp_path / year / "Annotations").mkdir(parents=True)
    with pytest.raises(ValueError, match="several years of VOC"):
        read_dataset(tmp_path)
