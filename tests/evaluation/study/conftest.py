import json

import numpy as np
import PIL.Image
import pytest

from tp_visualisation.course import small_classifier


@pytest.fixture(scope="session")
def small():
    """The small classifier of the labs: four classes, "class 0" to "class 3", inputs 24 x 32."""
    return small_classifier()


@pytest.fixture(scope="session")
def write_picture():
    """A function that writes a random RGB picture, without loss, and returns it."""

    def write(path, seed=0, size=(24, 32)):
        image = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
        path.parent.mkdir(parents=True, exist_ok=True)
        PIL.Image.fromarray(image).save(path)
        return image

    return write


@pytest.fixture
def folder(tmp_path, write_picture):
    """Four pictures, foldered by the classes of `small`."""
    for number in range(4):
        write_picture(tmp_path / "pictures" / f"class {number % 2}" / f"{number}.png", seed=number)
    return tmp_path / "pictures"


@pytest.fixture
def coco(tmp_path, write_picture):
    """A COCO file: a "class 0" and a crowd of "class 1" in the first picture, two categories in the second."""
    boxes = [(1, 1, [0, 0, 6, 6], 0), (1, 2, [0, 0, 32, 24], 1), (2, 1, [2, 2, 30, 22], 0), (2, 2, [20, 10, 8, 8], 0)]
    content = {
        "categories": [{"id": number + 1, "name": f"class {number}"} for number in range(3)],
        "images": [{"id": i, "file_name": f"{i}.png", "height": 24, "width": 32} for i in (1, 2)],
        "annotations": [
            {"id": i, "image_id": image, "category_id": category, "bbox": box, "iscrowd": crowd}
            for i, (image, category, box, crowd) in enumerate(boxes)
        ],
    }
    for number in (1, 2):
        write_picture(tmp_path / "coco" / "images" / f"{number}.png", seed=number)
    (tmp_path / "coco" / "instances.json").write_text(json.dumps(content))
    return tmp_path / "coco" / "instances.json"
