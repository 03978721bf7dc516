"""What every attack of `ATTACKS` promises, and what `Search` does for them."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf

import tp_visualisation as tpv
from tp_visualisation.adversarial import ATTACKS, Search
from tp_visualisation.adversarial.search import _scores_and_gradient
from tp_visualisation.images import resize

OPTIONS = {"confined_attack": {"method": "gradient", "min_probability": 0.5}}
UNTARGETED = [name for name in ATTACKS if name != "fool"]


@pytest.fixture(params=ATTACKS)
def attack(request):
    return lambda *args, **options: ATTACKS[request.param](*args, **OPTIONS.get(request.param, {}), **options)


def test_success_means_that_the_saved_image_fools(attack, embedded, dalmatian, tmp_path):
    example = attack(embedded, dalmatian[100:300, 100:350], "tiger cat")
    example.save(tmp_path / "fooled.png")
    loaded = tpv.load_image(tmp_path / "fooled.png")

    np.testing.assert_array_equal(loaded, example.image)
    assert example.success == (embedded.top(loaded)[0].label == "tiger_cat")
    assert embedded.top(loaded)[0].label == example.adversarial.label
    assert embedded.top(loaded)[0].probability == pytest.approx(example.adversarial.probability, abs=1e-5)


def test_numbers_of_an_example_are_those_of_its_image(attack, linear, grey):
    before = grey.copy()
    example = attack(linear, grey, "dog")

    assert example.success
    assert example.reason == ""
    assert example.image.dtype == np.uint8
    difference = example.image.astype(float) - grey
    np.testing.assert_array_equal(example.perturbation, difference)
    np.testing.assert_array_equal(example.original_image, grey)
    assert example.l2 == pytest.approx(np.linalg.norm(difference))
    assert example.linf == np.abs(difference).max()
    assert (example.original.label, example.adversarial.label) == ("cat", "dog")
    assert example.target == example.adversarial
    np.testing.assert_array_equal(grey, before)


def test_several_images_give_what_each_gives_alone(attack, linear, grey):
    rng = np.random.default_rng(0)
    images = [np.clip(grey + rng.integers(-4, 5, grey.shape), 0, 255).astype(np.uint8) for _ in range(4)]
    images.append(images[0].repeat(2, axis=0))  # of another size
    images = [image for image in images if linear.top(image)[0].label != "dog"]
    alone = [attack(linear, image, "dog") for image in images]
    for together in (attack(linear, images, "dog"), attack(linear, images[::-1], "dog")[::-1]):
        for one, other in zip(alone, together, strict=True):
            np.testing.assert_array_equal(one.image, other.image)
            assert one.n_steps == other.n_steps


def test_image_stays_within_0_and_255(attack, w, linear_classifier):
    image = np.where(np.arange(72).reshape(4, 6, 3) % 2, 253, 2)
    classifier = linear_classifier(w, np.array([0, -40, -90]) - image.ravel() @ w)
    example = attack(classifier, image, 1)
    assert np.abs(example.perturbation).max() <= 255
    np.testing.assert_array_equal(image + example.perturbation, example.image)


def test_reaching_the_class_that_is_already_seen_is_refused(attack, linear, grey):
    with pytest.raises(ValueError, match='image is already predicted as the target "cat"'):
        attack(linear, grey, "cat")
    dog = ATTACKS["fool"](linear, grey, "dog").image
    with pytest.raises(ValueError, match="image 1 is already"):
        attack(linear, [dog, grey], "cat")


def test_bad_image_and_unknown_target_are_refused(attack, linear, grey):
    with pytest.raises(ValueError, match="multiply it by 255"):
        attack(linear, grey / 255, "dog")
    with pytest.raises(ValueError, match="Closest"):
        attack(linear, grey, "doog")
    with pytest.raises(ValueError, match="image must have .* greyscale"):
        attack(linear, grey[..., 0], "dog")
    with pytest.raises(ValueError, match="image 1 must have .* greyscale"):
        attack(linear, [grey, grey[..., 0]], "dog")
    with pytest.raises(ValueError, match="read it with load_image"):
        attack(linear, "cat.png", "dog")


def test_no_image_is_refused_as_the_classifier_refuses_it(attack, linear, grey):
    for images in ([], np.zeros((0, 4, 6, 3))):
        with pytest.raises(ValueError, match="images is empty"):
            linear.scores(images)
        with pytest.raises(ValueError, match="images is empty"):
            attack(linear, images, "dog")


def test_one_image_gives_an_example_and_a_list_of_one_gives_a_list(attack, linear, grey):
    alone = attack(linear, grey, "dog")
    for images in ([grey], grey[None]):
        (example,) = attack(linear, images, "dog")
        np.testing.assert_array_equal(example.image, alone.image)


def test_a_search_goes_to_its_target_or_to_the_least_likely_class_or_anywhere(linear, grey):
    originals, probabilities = grey[None].astype(np.float32), linear.probabilities(grey)
    assert Search(linear, originals, probabilities, 1, least_likely=True).targets == [1]
    assert Search(linear, originals, probabilities, least_likely=True).targets == [2]
    assert Search(linear, originals, probabilities).targets is None


def test_a_class_may_be_called_least_likely(attack, linear_classifier, w, grey):
    b = np.array([0, -40, -90]) - 128 * w.sum(axis=0)
    example = attack(linear_classifier(w, b, ["cat", "least likely", "fox"]), grey, "least likely")
    assert example.target.label == example.adversarial.label == "least likely"  # not the fox, which is
    with pytest.raises(ValueError, match="Closest"):
        attack(linear_classifier(w, b, ["cat", "dog", "fox"]), grey, "least likely")


def test_classifier_of_one_class_is_refused(attack, grey, linear_classifier):
    with pytest.raises(ValueError, match="at least two classes"):
        attack(linear_classifier(np.ones((72, 1)), [0]), grey, 0)


def test_flat_network_gives_up_at_once_and_says_why(attack, grey, linear_classifier):
    example = attack(linear_classifier(np.zeros((72, 2)), [1, 0]), grey, 1)
    assert not example.success
    assert "gradient is zero" in example.reason
    assert example.n_steps == 0
    np.testing.assert_array_equal(example.image, grey)


def test_progress_is_a_bar_of_steps_on_stderr(attack, linear, grey, bars_at_once, capsys):
    attack(linear, grey, "dog", progress=True)
    out, err = capsys.readouterr()
    counts = [tuple(map(int, pair)) for pair in re.findall(r"(\d+)/(\d+) ", err)]
    assert out == ""
    assert " steps" in err
    total = counts[-1][1]
    assert {(0, total), (1, total), (total, total)} <= set(counts)
    assert counts == sorted(counts)

    attack(linear, [grey, grey], "dog")
    assert capsys.readouterr() == ("", "")


@keras.saving.register_keras_serializable("tests")
class RootOfDifference(keras.layers.Layer):
    """Scores 1 and w sqrt(Σ(x - 128)²), w = 1, whose gradient is not finite at mid-grey."""

    def build(self, shape):
        self.w = self.add_weight(shape=(), initializer="ones", name="w")

    def call(self, images):
        score = self.w * keras.ops.sqrt(keras.ops.sum((images - 128.0) ** 2, axis=(1, 2, 3)))
        return keras.ops.stack([keras.ops.ones_like(score), score], axis=-1)


@pytest.mark.parametrize("name", ["fool", "fgsm", "deepfool"])
def test_gradient_that_is_not_finite_ends_without_success(name, grey):
    inputs = keras.Input((4, 6, 3))
    classifier = tpv.Classifier(keras.Model(inputs, RootOfDifference()(inputs)))
    example = ATTACKS[name](classifier, grey, 1)
    assert not example.success
    assert "not finite" in example.reason


def test_network_that_gives_nan_is_refused(attack, w, grey, linear_classifier):
    with pytest.raises(ValueError, match="gives NaN"):
        attack(linear_classifier(w * np.nan, [0, 0, 0]), grey, 1)


def test_preprocess_without_gradient_is_refused(attack, w, grey, linear_classifier):
    classifier = linear_classifier(w, [1e6, 0, 0], preprocess=lambda images: np.asarray(images) / 255)
    with pytest.raises(ValueError, match="gradients must pass through preprocess"):
        attack(classifier, grey, 1)


@pytest.mark.parametrize("name", UNTARGETED)
def test_same_seed_same_image_and_the_global_generator_is_left_alone(name, linear, grey):
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    first, again = (ATTACKS[name](linear, grey, 1, **OPTIONS.get(name, {})) for _ in range(2))
    np.testing.assert_array_equal(first.image, again.image)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_gradient_goes_through_the_resizing(linear, w):
    image = np.random.default_rng(0).uniform(0, 255, (9, 5, 3)).astype(np.float32)
    search = Search(linear, image[None], linear.probabilities(image))
    scores, g = search.gradient(image[None], np.int32([1]), "score")
    for place in [(0, 0, 0), (4, 2, 1), (8, 4, 2), (3, 1, 0)]:
        unit = np.zeros_like(image)
        unit[place] = 1
        assert g[0][place] == pytest.approx(resize(unit, (4, 6)).ravel() @ w[:, 1], abs=1e-4)
    np.testing.assert_allclose(scores[0], linear.scores(image)[0], rtol=1e-4, atol=1e-2)


def test_weights_that_have_changed_are_noticed(attack, linear_classifier, w, grey):
    b = np.array([0, -40, -90]) - 128 * w.sum(axis=0)
    classifier = linear_classifier(w, b)
    assert attack(classifier, grey, 1).original.index == 0
    classifier.model.layers[-1].set_weights([np.float32(w), np.float32(b + [0, 0, 200])])
    example = attack(classifier, grey, 1)
    assert example.original.index == 2
    assert example.adversarial == classifier.top(example.image, k=1)[0]


@pytest.mark.parametrize("size", [(512, 512), (300, 201), (100, 150), (224, 224)])
def test_resizing_inside_the_network_is_the_ordinary_one(size):
    image = np.random.default_rng(0).uniform(0, 255, (*size, 3)).astype(np.float32)
    inside = tf.image.resize(image[None], (224, 224), method="bilinear")[0].numpy()
    assert np.abs(inside - resize(image, (224, 224))).max() < 0.02  # float32 places of the pixels


def test_step_is_compiled_once_for_all_images_and_sizes(w, linear_classifier):
    classifier = linear_classifier(w, np.array([0, -40, -90]) - 128 * w.sum(axis=0))
    for size in ((4, 6), (8, 9), (20, 11)):
        ATTACKS["fool"](classifier, np.full((*size, 3), 128, np.uint8), 1)
    steps = [key for key in classifier._gradients._compiled if key[0] is _scores_and_gradient]
    assert len(steps) == 1


def test_a_probability_asks_for_more_than_the_border(linear, grey):
    border, sure = (ATTACKS["fool"](linear, grey, 1, step_size=0.5, min_probability=p) for p in (0, 0.9999999))
    assert border.adversarial.probability < 0.9999999 <= sure.adversarial.probability
    assert border.n_steps < sure.n_steps


@pytest.mark.parametrize(
    ("option", "value"), [("min_probability", 1), ("batch_size", 0), ("batch_size", 1.5), ("n_steps", 0)]
)
def test_bad_common_option_is_refused(option, value, linear, grey):
    with pytest.raises(ValueError, match=option):
        ATTACKS["pgd"](linear, grey, 1, **{option: value})
