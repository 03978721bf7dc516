"""What every attack of `ATTACKS` promises, and what `Search` does for them."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tp_visualisation as tpv
from tp_visualisation.adversarial import ATTACKS
from tp_visualisation.adversarial.search import Search, scores_and_gradient
from tp_visualisation.images import resize

OPTIONS = {"confined_attack": {"method": "gradient", "confidence": 0.5}}
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


def test_classifier_of_one_class_is_refused(attack, grey, linear_classifier):
    with pytest.raises(ValueError, match="at least two classes"):
        attack(linear_classifier(np.ones((72, 1)), [0]), grey, 0)


def test_flat_network_gives_up_at_once_and_says_why(attack, grey, linear_classifier):
    example = attack(linear_classifier(np.zeros((72, 2)), [1, 0]), grey, 1)
    assert not example.success
    assert "gradient is zero" in example.reason
    assert example.n_steps == 0
    np.testing.assert_array_equal(example.image, grey)


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
    np.testing.assert_allclose(scores[0], linear.logits(image)[0], rtol=1e-4, atol=1e-2)


@pytest.mark.parametrize("size", [(512, 512), (300, 201), (100, 150), (224, 224)])
def test_resizing_inside_the_network_is_the_ordinary_one(size):
    image = np.random.default_rng(0).uniform(0, 255, (*size, 3)).astype(np.float32)
    inside = tf.image.resize(image[None], (224, 224), method="bilinear")[0].numpy()
    assert np.abs(inside - resize(image, (224, 224))).max() < 0.02  # float32 places of the pixels


def test_step_is_compiled_once_for_all_images_and_sizes(w, linear_classifier):
    classifier = linear_classifier(w, np.array([0, -40, -90]) - 128 * w.sum(axis=0))
    for size in ((4, 6), (8, 9), (20, 11)):
        ATTACKS["fool"](classifier, np.full((*size, 3), 128, np.uint8), 1)
    steps = [key for key in classifier._gradients._compiled if key[0] is scores_and_gradient]
    assert len(steps) == 1


def test_confidence_asks_for_more_than_the_border(linear, grey):
    border, sure = (ATTACKS["fool"](linear, grey, 1, learning_rate=0.5, confidence=c) for c in (0, 0.9999999))
    assert border.adversarial.probability < 0.9999999 <= sure.adversarial.probability
    assert border.n_steps < sure.n_steps


@pytest.mark.parametrize(("option", "value"), [("confidence", 1), ("batch_size", 0)])
def test_bad_common_option_is_refused(option, value, linear, grey):
    with pytest.raises(ValueError, match=option):
        ATTACKS["pgd"](linear, grey, 1, **{option: value})
