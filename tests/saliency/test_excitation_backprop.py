"""Excitation backprop against matrices, closed forms and networks solved on paper."""

import keras
import numpy as np
import pytest
from keras import layers

import tp_visualisation as tpv
from tp_visualisation.images import resize
from tp_visualisation.saliency import BATCHED, excitation_backprop

KERNEL = np.array([[1.0, -1.0], [0.5, 2.0], [-1.0, 0.25]], np.float32) / 100  # of `pooled`, as in conftest
HEAD = np.array([[1.0, -0.5], [0.25, 1.0]], np.float32) * 10


def shares(q):
    return q / q.sum() if q.sum() > 0 else 0 * q


def stretched(grid, size):
    """A grid of mass stretched to an image, its mass kept."""
    saliency_map = resize(grid, size)
    return saliency_map * grid.sum() / saliency_map.sum()


# After global average pooling and one dense layer


@pytest.mark.parametrize("target", [0, 1])
def test_at_the_last_feature_map_it_is_the_closed_form(pooled, image, target):
    A = np.maximum(image.astype(np.float64) @ KERNEL, 0)
    of_class, of_the_others = (shares(np.maximum(sign * HEAD[:, target], 0) * A.mean(axis=(0, 1))) for sign in (1, -1))
    expected = A / A.sum(axis=(0, 1)) @ of_class
    np.testing.assert_allclose(excitation_backprop(pooled, image, target), expected, rtol=1e-4, atol=1e-9)
    assert expected.sum() == pytest.approx(1)

    expected = np.maximum(A / A.sum(axis=(0, 1)) @ (of_class - of_the_others), 0)
    saliency_map = excitation_backprop(pooled, image, target, contrastive=True)
    np.testing.assert_allclose(saliency_map, expected, rtol=1e-3, atol=1e-8)


def test_contrastive_map_of_two_classes_on_paper():
    """Feature 0 excites class 0 alone, feature 1 both classes, and twice as much the other one."""
    inputs = keras.Input((1, 3, 3))
    x = layers.Conv2D(2, 1, use_bias=False, activation="relu", name="features")(inputs)
    outputs = layers.Dense(2, use_bias=False, name="scores")(layers.GlobalAveragePooling2D()(x))
    model = keras.Model(inputs, outputs)
    model.get_layer("features").set_weights([np.eye(3, 2, dtype=np.float32)[None, None]])
    model.get_layer("scores").set_weights([np.float32([[3, -1], [1, 2]])])
    image = np.float32([[[60, 0, 0], [0, 90, 0], [30, 30, 200]]])  # feature 0, feature 1, both: 90 and 120 in all
    classifier = tpv.Classifier(model)
    of_class_0, of_class_1 = np.array([[180, 90, 120]]) / 390, np.array([[0, 90, 30]]) / 120
    of_feature_0 = np.array([[60, 0, 30]]) / 90  # which speaks against class 1
    expected = {0: (of_class_0, of_class_0), 1: (of_class_1, np.maximum(of_class_1 - of_feature_0, 0))}
    for target, (plain, contrastive) in expected.items():
        np.testing.assert_allclose(excitation_backprop(classifier, image, target), plain, rtol=1e-5, atol=1e-7)
        saliency_map = excitation_backprop(classifier, image, target, contrastive=True)
        np.testing.assert_allclose(saliency_map, contrastive, rtol=1e-5, atol=1e-7)

    def margin(scores):  # of class 1: its weights are (-4, 1)
        return scores[:, 1] - scores[:, 0]

    np.testing.assert_allclose(excitation_backprop(classifier, image, margin), of_class_1, rtol=1e-5, atol=1e-7)
    against = excitation_backprop(classifier, image, lambda scores: scores[:, 0] - scores[:, 1])
    np.testing.assert_allclose(against, of_feature_0, rtol=1e-5, atol=1e-7)


def test_no_and_yes_of_a_single_sigmoid_are_excited_by_weights_of_opposite_sign():
    keras.utils.set_random_seed(3)
    inputs = keras.Input((6, 6, 3))
    x = layers.Conv2D(5, 1, activation="relu", name="features")(inputs)
    x = layers.GlobalAveragePooling2D()(x)
    classifier = tpv.Classifier(keras.Model(inputs, layers.Dense(1, activation="sigmoid", name="yes")(x)))
    image = np.random.default_rng(0).uniform(0, 255, (6, 6, 3)).astype(np.float32)
    (kernel, bias), A = classifier.model.get_layer("features").get_weights(), None
    A = np.maximum(image @ kernel[0, 0] + bias, 0)
    w = classifier.model.get_layer("yes").get_weights()[0][:, 0]
    for target, sign in ((0, -1), (1, 1)):
        expected = shares((A * np.maximum(sign * w, 0)).sum(axis=-1))
        np.testing.assert_allclose(excitation_backprop(classifier, image, target), expected, rtol=1e-4, atol=1e-8)


# Further down


def plain(policy=None, bias=True):
    """Convolutions, with a bias or none, both poolings and padding, and two dense layers."""
    keras.utils.set_random_seed(5)
    biases = keras.initializers.RandomNormal(stddev=10) if bias else "zeros"
    options = {"bias_initializer": biases, "activation": "relu", "dtype": policy}
    inputs = keras.Input((9, 11, 3))
    stack = [
        layers.ZeroPadding2D(((1, 0), (0, 2)), dtype=policy),
        layers.Conv2D(4, 3, name="first", padding="same", **options),
        layers.MaxPooling2D(2, dtype=policy),
        layers.DepthwiseConv2D(3, depth_multiplier=2, name="second", **options),
        layers.Conv2D(5, 2, strides=2, name="third", padding="same", **options),
        layers.AveragePooling2D((2, 1), strides=1, padding="same", dtype=policy),
        layers.Flatten(dtype=policy),
        layers.Dense(6, **options),
        layers.Dense(3, dtype=policy, name="scores"),
    ]
    x = inputs
    for layer in stack:
        x = layer(x)
    return tpv.Classifier(keras.Model(inputs, x)), stack


def handed_down(layer, x, p):
    """The rule for one layer, by its matrix: `layer` is run on every unit vector of its input x, without its bias."""
    n = x[0].size
    if isinstance(layer, layers.MaxPooling2D):  # the largest gets it all
        outputs = layer(x * 1.0).numpy()
        changed = np.repeat(x, n, axis=0).reshape(n, n)
        changed[np.arange(n), np.arange(n)] -= 1e-2 * np.abs(x).max()
        moved = layer(changed.reshape(n, *x.shape[1:]).astype(np.float32)).numpy()
        matrix = (moved.reshape(n, -1) != outputs.reshape(1, -1)).T.astype(float)
        return (matrix.T @ p.ravel()).reshape(x.shape[1:])
    units = np.eye(n, dtype=np.float32).reshape(n, *x.shape[1:])
    activation, layer.activation = getattr(layer, "activation", None), None
    matrix = (layer(units).numpy() - layer(0 * units).numpy()).reshape(n, -1).T.astype(np.float64)
    layer.activation = activation
    W = np.maximum(matrix, 0)
    below = W @ x.ravel().astype(np.float64)
    ratio = np.divide(p.ravel(), below, out=np.zeros(below.shape), where=below > 0)
    return (x.ravel() * (W.T @ ratio)).reshape(x.shape[1:])


@pytest.mark.parametrize("target", [0, 2])
def test_it_is_the_rule_of_the_paper_layer_by_layer_down_to_the_image(target):
    classifier, stack = plain()
    image = np.random.default_rng(2).uniform(0, 255, (9, 11, 3)).astype(np.float32)
    inputs = [image[None]]
    for layer in stack:
        inputs.append(layer(inputs[-1]).numpy())
    w = stack[-1].get_weights()[0][:, target]
    for sign in (1, -1):
        mass = {stack[-1]: shares(inputs[-2][0] * np.maximum(sign * w, 0))}
        p = mass[stack[-1]]
        for layer, x in zip(stack[-2::-1], inputs[-3::-1], strict=True):
            p = p[1:, :-2] if isinstance(layer, layers.ZeroPadding2D) else handed_down(layer, x, p)
            mass[layer] = p  # of what the layer reads
        grids = {
            name: mass[stack[number]] for name, number in (("input", 0), ("first", 2), ("second", 4), ("third", 5))
        }
        if sign == 1:
            positive = grids
    for name, grid in positive.items():
        expected = stretched(grid.sum(axis=-1), (9, 11))
        np.testing.assert_allclose(
            excitation_backprop(classifier, image, target, layer=name), expected, rtol=1e-3, atol=1e-6 * expected.max()
        )
        expected = np.maximum((grid - grids[name]).sum(axis=-1), 0)
        contrastive = excitation_backprop(classifier, image, target, layer=name, contrastive=True)
        np.testing.assert_allclose(contrastive, stretched(expected, (9, 11)), rtol=1e-2, atol=1e-4 * contrastive.max())


@pytest.mark.parametrize("policy", [None, "mixed_float16", "mixed_bfloat16"])
def test_mass_is_kept_from_layer_to_layer_where_there_is_no_bias(policy):
    classifier, _ = plain(policy, bias=False)
    image = np.random.default_rng(2).uniform(0, 255, (9, 11, 3)).astype(np.float32)
    for layer in ("third", "second", "first", "input"):
        assert excitation_backprop(classifier, image, 1, layer=layer).sum() == pytest.approx(1, abs=2e-5)


@pytest.fixture(scope="module")
def residual():
    """Skips, batch normalisations, a concatenation, and layers that are called in a nested model."""
    keras.utils.set_random_seed(7)

    def block(x, name):
        y = layers.Conv2D(8, 3, padding="same", use_bias=False)(x)
        y = layers.ReLU(name=f"{name}_inside")(layers.BatchNormalization()(y))
        y = layers.BatchNormalization()(layers.Conv2D(8, 1)(y))
        return layers.ReLU(name=name)(layers.Add(name=f"{name}_sum")([x, y]))

    inputs = keras.Input((16, 16, 3))
    x = layers.Rescaling(1 / 127.5, -1)(inputs)
    x = layers.MaxPooling2D()(layers.Conv2D(8, 3, padding="same", activation="relu", name="stem")(x))
    backbone_input = keras.Input((8, 8, 8))
    backbone = keras.Model(backbone_input, block(block(backbone_input, "one"), "two"))
    x = backbone(x)
    x = layers.Concatenate()([x, layers.Conv2D(4, 1, activation="relu", name="side")(x)])
    model = keras.Model(inputs, layers.Dense(3)(layers.GlobalAveragePooling2D()(layers.Dropout(0.5)(x))))
    rng = np.random.default_rng(0)
    for layer in model._flatten_layers():
        if isinstance(layer, layers.BatchNormalization):  # as after training: γ > 0, no offset
            layer.set_weights([rng.uniform(0.5, 2, 8), np.zeros(8), np.zeros(8), rng.uniform(0.5, 2, 8)])
    return tpv.Classifier(model)


def test_mass_is_kept_in_a_network_with_skips_and_batch_normalisation(residual):
    image = np.random.default_rng(3).uniform(0, 255, (16, 16, 3)).astype(np.float32)
    for layer in (None, "two", "two_sum", "one", "stem", "input"):
        total = excitation_backprop(residual, image, 1, layer=layer).sum()
        assert total == pytest.approx(1, abs=1e-4), layer
    for layer in ("side", "two_inside", "one_inside"):  # not all of the network passes here
        assert 0.05 < excitation_backprop(residual, image, 1, layer=layer).sum() < 0.95


@pytest.mark.filterwarnings("ignore:the map is the same everywhere")
def test_two_branches_share_mass_by_what_each_adds():
    inputs = keras.Input((2, 2, 3))
    x = layers.Conv2D(1, 1, use_bias=False, activation="relu", name="trunk")(inputs)
    y = layers.Conv2D(1, 1, use_bias=False, name="branch")(x)
    x = layers.ReLU()(layers.Add()([x, y]))
    model = keras.Model(inputs, layers.Dense(1, use_bias=False, name="score")(layers.GlobalAveragePooling2D()(x)))
    model.get_layer("trunk").set_weights([np.float32([[[[1], [0], [0]]]])])
    model.get_layer("score").set_weights([np.float32([[1]])])
    classifier = tpv.Classifier(model)
    image = np.float32([[[10, 0, 0], [20, 0, 0]], [[30, 0, 0], [40, 0, 0]]])
    trunk = image[..., 0] / 100
    for weight, of_branch in ((3, 0.75), (-0.5, 0)):
        model.get_layer("branch").set_weights([np.float32([[[[weight]]]])])
        np.testing.assert_allclose(excitation_backprop(classifier, image, 0, layer="trunk"), trunk, rtol=1e-5)
        branch = excitation_backprop(classifier, image, 0, layer="branch")
        np.testing.assert_allclose(branch, of_branch * trunk, rtol=1e-5)


def test_units_at_the_ceiling_of_relu6_keep_their_mass():
    inputs = keras.Input((2, 2, 3))
    x = layers.Conv2D(1, 1, use_bias=False, name="below")(inputs)
    x = layers.ReLU(6)(x)
    x = layers.Conv2D(1, 1, use_bias=False, activation="relu", name="above")(x)
    model = keras.Model(inputs, layers.Dense(1, use_bias=False, name="score")(layers.GlobalAveragePooling2D()(x)))
    for name, kernel in (("below", [[[[1], [0], [0]]]]), ("above", [[[[1]]]]), ("score", [[1]])):
        model.get_layer(name).set_weights([np.float32(kernel)])
    image = np.float32([[[2, 0, 0], [3, 0, 0]], [[1, 0, 0], [200, 0, 0]]])  # activations 2, 3, 1, and 6 instead of 200
    saliency_map = excitation_backprop(tpv.Classifier(model), image, 0, layer="below")
    np.testing.assert_allclose(saliency_map, np.array([[2, 3], [1, 6]]) / 12, rtol=1e-5)


def test_the_preprocessing_of_the_image_is_a_scale_and_a_bias():
    """Shifted inputs with a bias that undoes it are the same network, and black excites nothing."""

    def network(preprocess, shift):
        inputs = keras.Input((6, 7, 3))
        x = layers.Conv2D(4, 3, activation="relu", name="conv")(inputs)
        model = keras.Model(inputs, layers.Dense(2, name="scores")(layers.GlobalAveragePooling2D()(x)))
        rng = np.random.default_rng(1)
        kernel, head = rng.normal(0, 1, (3, 3, 3, 4)).astype(np.float32), rng.normal(0, 1, (4, 2)).astype(np.float32)
        model.get_layer("conv").set_weights([kernel, shift * kernel.sum(axis=(0, 1, 2))])
        model.get_layer("scores").set_weights([head, np.zeros(2, np.float32)])
        return tpv.Classifier(model, preprocess)

    image = np.random.default_rng(0).uniform(0, 255, (6, 7, 3)).astype(np.float32)
    maps = [
        excitation_backprop(network(preprocess, shift), image, 0, layer="input")
        for preprocess, shift in ((lambda x: x / 127.5, 0), (lambda x: x / 127.5 - 1, 1), (lambda x: x / 127.5 - 5, 5))
    ]
    assert maps[0].sum() == pytest.approx(1, abs=1e-5)
    for other in maps[1:]:
        np.testing.assert_allclose(other, maps[0], rtol=1e-3, atol=1e-6)
    black = excitation_backprop(network(lambda x: x / 127.5 - 1, 1), np.zeros((6, 7, 3), np.uint8), 0, layer="input")
    np.testing.assert_array_equal(black, 0)

    with pytest.raises(ValueError, match="only where black is the least that a network sees.*layer=None"):
        excitation_backprop(network(lambda x: 1 - x / 127.5, -1), image, 0, layer="input")


# Where the rule does not hold


def hidden(end):
    """A network with a convolution, something, and another convolution."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(6, 3, activation="relu", padding="same", name="first")(inputs)
    x = layers.Conv2D(6, 3, activation="relu", padding="same", name="last")(end(x))
    return tpv.Classifier(keras.Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling2D()(x))))


def weighed(x):
    weights = layers.Dense(6, activation="sigmoid")(layers.GlobalAveragePooling2D(keepdims=True)(x))
    return layers.ReLU()(layers.Multiply()([x, weights]))


REFUSED = {
    r"Conv2D\) reads may be below 0": [
        lambda: layers.Conv2D(6, 1),
        lambda: layers.Activation("swish"),
        lambda: layers.LeakyReLU(),
        lambda: layers.BatchNormalization(),
        lambda: layers.LayerNormalization(),
    ],
    r"Mul\) is no weighted sum": [lambda: weighed],
}


@pytest.mark.parametrize(("message", "end"), [(message, end) for message, ends in REFUSED.items() for end in ends])
def test_what_breaks_the_rule_is_named_and_the_last_feature_map_is_explained(message, end):
    classifier = hidden(end())
    image = np.random.default_rng(0).uniform(0, 255, (8, 8, 3)).astype(np.float32)
    for layer in ("first", "input"):
        with pytest.raises(ValueError, match=f'does not go down to the layer "{layer}" .*{message}.*Leave layer=None'):
            excitation_backprop(classifier, image, 0, layer=layer)
    assert excitation_backprop(classifier, image, 0).sum() == pytest.approx(1, abs=1e-5)
    assert excitation_backprop(classifier, image, 0, layer="last").sum() == pytest.approx(1, abs=1e-5)


def test_where_it_does_not_hold_at_all_the_rest_is_one_linear_function():
    """A layer normalisation after the pooling: A⁺ ⊙ max(±∂S/∂A, 0)."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(6, 3, activation="swish", padding="same", name="last")(inputs)
    x = layers.LayerNormalization()(layers.GlobalAveragePooling2D()(x))
    classifier = tpv.Classifier(keras.Model(inputs, layers.Dense(2)(x)))
    image = np.random.default_rng(0).uniform(0, 255, (8, 8, 3)).astype(np.float32)
    A, g, _ = classifier.activations_and_gradients(classifier.prepare(image), 1)
    of_class, of_the_others = (shares(np.maximum(A, 0) * np.maximum(sign * g, 0)).sum(axis=-1)[0] for sign in (1, -1))
    np.testing.assert_allclose(excitation_backprop(classifier, image, 1), of_class, rtol=1e-3, atol=1e-8)
    contrastive = excitation_backprop(classifier, image, 1, contrastive=True)
    np.testing.assert_allclose(contrastive, np.maximum(of_class - of_the_others, 0), rtol=1e-3, atol=1e-7)


def test_unknown_layer_gets_the_nearest_names(pooled, image):
    with pytest.raises(ValueError, match='no layer "featurs". Closest: "features"'):
        excitation_backprop(pooled, image, 0, layer="featurs")


def test_where_nothing_excites_the_class_the_map_is_zero(image):
    inputs = keras.Input((12, 20, 3))
    x = layers.Conv2D(2, 1, activation="relu")(inputs)
    outputs = layers.Dense(1, kernel_initializer=keras.initializers.Constant(-1))(layers.GlobalAveragePooling2D()(x))
    classifier = tpv.Classifier(keras.Model(inputs, outputs))
    for layer in (None, "input"):
        for contrastive in (False, True):
            np.testing.assert_array_equal(
                excitation_backprop(classifier, np.zeros_like(image), 0, layer=layer, contrastive=contrastive), 0
            )
    with pytest.warns(UserWarning, match="same everywhere"):
        np.testing.assert_array_equal(excitation_backprop(classifier, image, 0), 0)


@pytest.mark.parametrize("layer", [None, "one", "input"])
def test_batch_form_gives_the_map_of_each_image(layer, residual):
    images = np.random.default_rng(0).uniform(0, 255, (11, 16, 16, 3)).astype(np.float32)
    targets = np.arange(11) % 3
    for contrastive in (False, True):
        options = {"layer": layer, "contrastive": contrastive}
        maps, scores = BATCHED["excitation_backprop"](residual, images, targets, **options)
        np.testing.assert_allclose(scores, residual.scores(images), rtol=1e-4, atol=1e-5)
        for number in (0, 7, 10):
            expected = excitation_backprop(residual, images[number], targets[number], **options)
            np.testing.assert_allclose(maps[number], expected, rtol=1e-3, atol=1e-4 * expected.max())
