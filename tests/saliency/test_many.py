"""Many images in one call: each gets the map that it gets alone."""

import threading
import time
import warnings
from inspect import signature

import keras
import numpy as np
import PIL.Image
import pytest

import tp_visualisation as tpv
from tp_visualisation.saliency import BATCHED, METHODS, many
from tp_visualisation.saliency.many import AT_ONCE

SIZES = [(40, 60), (96, 96), (64, 50)]
QUICK = {
    "rise": {"n_masks": 32},
    "smoothgrad": {"n_samples": 2},
    "integrated_gradients": {"n_steps": 4},
    "smooth_grad_cam_plus_plus": {"n_samples": 2},
    "augmented_grad_cam": {"n_augmentations": 4},
    "xrai": {"n_steps": 3},
    "cameras": {"sizes": [96, 120]},
    "sess": {"n_scales": 1},
}


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(5)
    return [rng.integers(0, 256, (*size, 3), dtype=np.uint8) for size in SIZES]


@pytest.fixture
def folder(tmp_path, images):
    (tmp_path / "more").mkdir()
    for name, image in zip(("b.png", "a.png", "more/c.png"), images, strict=True):
        PIL.Image.fromarray(image).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no image")
    return tmp_path


@pytest.mark.parametrize("name", METHODS)
def test_each_image_gets_the_map_that_it_gets_alone(name, nested, images):
    options = QUICK.get(name, {})
    targets = [2, None, "cat"]
    results = list(tpv.explain_many(nested, images, name, targets, **options))
    for number, (result, image, target) in enumerate(zip(results, images, targets, strict=True)):
        expected = METHODS[name](nested, image, target, **options)
        assert result.image is image
        assert result.name == str(number)
        assert result.target == nested.check(image, target)[2]
        assert result.saliency_map.shape == image.shape[:2]
        np.testing.assert_allclose(result.saliency_map, expected, rtol=1e-3, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("name", ["gradient", "occlusion"])
def test_a_function_of_the_scores_is_for_all_images(name, nested, images):
    def difference(scores):
        return scores[:, 0] - scores[:, 2]

    for result in tpv.explain_many(nested, images, name, difference):
        expected = METHODS[name](nested, result.image, difference)
        np.testing.assert_allclose(result.saliency_map, expected, rtol=1e-3, atol=1e-9)
        assert result.target is difference


FIND_CLASSES = [name for name, batched in BATCHED.items() if signature(batched).parameters["target"].default == -1]


@pytest.mark.parametrize("name", FIND_CLASSES)
def test_predicted_classes_are_found_in_the_pass_that_explains(name, nested, images, monkeypatch):
    seen = nested.scores(images).argmax(axis=-1)
    expected = [METHODS[name](nested, image, int(target)) for image, target in zip(images, seen, strict=True)]
    monkeypatch.setattr(tpv.Classifier, "input_scores", None)
    results = list(tpv.explain_many(nested, images, name))
    assert [result.target for result in results] == seen.tolist()
    for result, one in zip(results, expected, strict=True):
        np.testing.assert_allclose(result.saliency_map, one, rtol=1e-3, atol=1e-5 * np.abs(one).max())
    assert [result.target for result in tpv.explain_many(nested, images, name, [None, 0, None])] == [
        seen[0],
        0,
        seen[2],
    ]


@pytest.mark.parametrize("name", ["gradient", "score_cam"])
def test_a_network_that_gives_no_numbers_is_told_so(name, images):
    x = keras.Input((12, 12, 3))
    y = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3, activation="relu")(x))
    classifier = tpv.Classifier(model := keras.Model(x, keras.layers.Dense(2)(y)))
    model.set_weights([np.full_like(weight, np.nan) for weight in model.get_weights()])
    with pytest.raises(ValueError, match="NaN or infinite scores: check the weights"):
        list(tpv.explain_many(classifier, images, name))


def test_pixels_have_no_predicted_class(images):
    x = keras.Input((12, 12, 3))
    classifier = tpv.Classifier(keras.Model(x, keras.layers.Conv2D(2, 3, padding="same")(x)))
    with pytest.raises(ValueError, match="target must be a function"):
        tpv.explain_many(classifier, images, "gradient")


@pytest.mark.parametrize("name", ["gradient", "grad_cam"])
def test_many_classes_of_one_image(name, nested, images):
    results = tpv.explain_many(nested, [images[0]] * 3, name, [2, 0, None])
    for result in results:
        one = METHODS[name](nested, images[0], result.target)
        np.testing.assert_allclose(result.saliency_map, one, rtol=1e-3, atol=1e-5 * np.abs(one).max())


def test_paths_and_folders_are_read(nested, images, folder):
    results = list(tpv.explain_many(nested, folder, "gradient", 1))
    assert [result.name for result in results] == [str(folder / name) for name in ("a.png", "b.png", "more/c.png")]
    np.testing.assert_array_equal(results[0].image, images[1])
    again = list(tpv.explain_many(nested, [folder / "a.png", str(folder / "b.png"), images[2]], "gradient", 1))
    for one, other in zip(results, again, strict=True):
        np.testing.assert_array_equal(one.saliency_map, other.saliency_map)


def test_results_come_while_images_are_still_read(nested):
    read = []

    def stream():
        for number in range(3 * AT_ONCE):
            read.append(number)
            yield np.full((8, 8, 3), number, np.uint8)

    results = tpv.explain_many(nested, stream(), "grad_cam", 0)
    assert read == []
    next(results)
    assert len(read) == AT_ONCE
    assert sum(1 for _ in results) == 3 * AT_ONCE - 1
    one_by_one = tpv.explain_many(nested, stream(), lambda classifier, image, target: image[..., 0], 0)
    assert next(one_by_one).saliency_map.shape == (8, 8)
    assert len(read) == 3 * AT_ONCE + 1


@pytest.mark.parametrize("method", ["grad_cam", "occlusion"])
def test_a_bad_image_is_skipped_with_a_word_or_raised_after_those_before_it(method, nested, images, folder):
    (folder / "broken.png").write_bytes((folder / "a.png").read_bytes()[:200])
    mixed = [images[0], folder / "broken.png", folder / "none.png", np.full((8, 8, 3), np.nan), images[2]]
    with pytest.warns(UserWarning, match="^skipped: ") as said:
        results = list(tpv.explain_many(nested, mixed, method, 1, on_error="skip"))
    assert [result.name for result in results] == ["0", "4"]
    messages = [str(warning.message) for warning in said if "same everywhere" not in str(warning.message)]
    assert len(messages) == 3
    for message, part in zip(messages, ("broken.png", 'no file ".*none.png', "image 3 holds NaN"), strict=True):
        assert message.startswith("skipped: ")
        assert part.replace(".*", "").split('"')[-1] in message
    results = tpv.explain_many(nested, mixed, method, 1)
    assert next(results).name == "0"
    with pytest.raises(ValueError, match="broken.png"):
        next(results)


@pytest.mark.parametrize("listed", [True, False])
def test_of_a_list_the_next_ones_are_read_while_the_network_computes_and_none_while_the_caller_goes_on(
    listed, nested, images, folder, monkeypatch
):
    """A generator is asked for an image when its turn comes."""
    read, computing = [], []
    load = many.load_image

    def loaded(path):
        assert not at_the_caller
        read.append(path)
        time.sleep(0.05)  # longer than the network takes, which is compiled at first
        return load(path)

    at_the_caller = []
    monkeypatch.setattr(many, "load_image", loaded)
    paths = [folder / "a.png"] * (2 * AT_ONCE + 3)
    for result in tpv.explain_many(nested, paths if listed else iter(paths), "gradient", 1):
        at_the_caller.append(result)
        computing.append(len(read))
        time.sleep(0.01)
        at_the_caller.clear()
    n = len(paths)
    first, second, last = (2 * AT_ONCE, n, n) if listed else (AT_ONCE, 2 * AT_ONCE, n)
    assert computing == [first] * AT_ONCE + [second] * AT_ONCE + [last] * 3


def test_what_is_left_early_leaves_no_thread(nested, images):
    before = threading.active_count()
    results = tpv.explain_many(nested, images * 12, "gradient", 1)
    next(results)
    results.close()
    assert threading.active_count() == before


def test_what_is_wrong_with_the_call_is_said_at_once(nested, images, tmp_path):
    def call(**given):
        return tpv.explain_many(**{"classifier": nested, "images": images, **given})

    for given, message in (
        ({"method": "gradcam"}, 'no method "gradcam". Closest: "grad_cam"'),
        ({"colour": 1}, 'grad_cam takes no option "colour"'),
        ({"on_error": "ignore"}, 'on_error must be "raise" or "skip"'),
        ({"targets": [1, 2]}, "one for each of the 3, got 2"),
        ({"targets": "class 7"}, 'no class "class 7"'),
        ({"targets": [len, 1, 2]}, "not a list of functions"),
        ({"images": 5}, "images must be an iterable"),
        ({"images": tmp_path}, "no photograph in the folder"),
    ):
        with pytest.raises(ValueError, match=message):
            call(**given)
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*one photograph is given as \[path\]"):
        call(images=str(tmp_path / "a.png"))
    with pytest.raises(ValueError, match="2 were given, and there are more images"):
        list(call(images=iter(images), targets=[0, 1]))
    assert list(call(images=[])) == []


def test_nothing_is_said_where_nothing_is_wrong(nested, images):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(list(tpv.explain_many(nested, np.stack([images[1], images[1]]), "gradient", progress=True))) == 2
        assert len(list(tpv.explain_many(nested, images[0], "gradient"))) == 1


@pytest.mark.parametrize("name", BATCHED)
def test_every_batched_method_of_the_package_takes_the_sizes_of_its_images(name, nested, images):
    batch = np.stack([tpv.images.resize(image, nested.input_size) for image in images])
    options = QUICK.get(name, {})
    maps = BATCHED[name](nested, batch, 1, sizes=SIZES, **options).saliency_maps
    assert [saliency_map.shape for saliency_map in maps] == SIZES
