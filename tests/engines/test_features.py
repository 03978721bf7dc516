"""Feature maps: layers on the way to the output, never inside attention; tokens lie on the image as its patches do."""

import keras
import numpy as np
import pytest
from keras import layers, ops

import tp_visualisation as tpv
from tp_visualisation.engines.features import Grid

SIZE = (24, 32)


@keras.saving.register_keras_serializable("tests")
class ClassToken(layers.Layer):
    """Put one token for the whole image, a weight, before those of the patches."""

    def build(self, shape):
        self.token = self.add_weight(shape=(1, 1, shape[-1]), initializer="normal", name="token")

    def call(self, x):
        return ops.concatenate([ops.repeat(self.token, ops.shape(x)[0], axis=0), x], axis=1)


def transformer(class_token, depth=2, width=8, patch=8):
    """A vision transformer in a dozen lines; it answers from its class token or from the mean of all tokens."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((*SIZE, 3))
    x = layers.Rescaling(1 / 127.5, -1)(inputs)
    x = layers.Conv2D(width, patch, patch, name="patches")(x)
    x = layers.Reshape((-1, width))(x)
    x = ClassToken(name="with_class")(x) if class_token else x
    for number in range(depth):
        y = layers.LayerNormalization(name=f"norm_{number}")(x)
        y = layers.MultiHeadAttention(2, 4, name=f"attention_{number}")(y, y)
        x = layers.Add(name=f"block_{number}")([x, y])
    x = layers.LayerNormalization(name="last_norm")(x)
    x = x[:, 0] if class_token else layers.GlobalAveragePooling1D()(x)
    return tpv.Classifier(keras.Model(inputs, layers.Dense(3)(x)))


@pytest.fixture
def photograph():
    return np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)


def test_projections_inside_attention_are_no_feature_maps():
    classifier = transformer(class_token=False)
    assert not any(word in name for name in classifier.feature_layers for word in ("query", "key", "value"))
    assert classifier.feature_layers[0] == "patches"
    assert classifier.feature_layers[-1] == "last_norm"


def test_where_the_class_token_answers_the_last_layer_is_that_where_patches_still_matter(photograph):
    classifier = transformer(class_token=True)
    assert classifier.feature_layers[-1] == "norm_1"  # behind the last attention only the class token is read
    assert classifier.engine.network.grids["norm_1"] == Grid(1, 3, 4)
    saliency_map = tpv.saliency.grad_cam_plus_plus(classifier, photograph, 1)
    assert saliency_map.shape == SIZE
    with pytest.raises(ValueError, match='no layer "last_norm"'):
        tpv.saliency.grad_cam(classifier, photograph, 1, layer="last_norm")


@pytest.mark.parametrize("class_token", [False, True])
def test_tokens_are_laid_out_as_the_grid_of_patches(class_token, photograph):
    classifier = transformer(class_token)
    layer = "block_0"
    A, g, _ = classifier.activations_and_gradients(classifier.prepare(photograph), 1, layer)
    assert A.shape == g.shape == (1, 3, 4, 8)
    seen = keras.Model(classifier.model.input, classifier.model.get_layer(layer).output)
    tokens = np.asarray(seen(photograph[None].astype(np.float32)))[0, int(class_token) :]
    np.testing.assert_allclose(A[0].reshape(12, 8), tokens, rtol=1e-4, atol=1e-5)
    for name in ("grad_cam", "score_cam", "group_cam", "sess"):
        assert np.isfinite(tpv.saliency.METHODS[name](classifier, photograph, 1)).all()


def test_grad_cam_of_mean_tokens_is_that_on_paper(photograph):
    """Patches, their mean, one dense layer: the map is Σ_k w_k A_k / 12, cut at 0, as after global average pooling."""
    inputs = keras.Input((*SIZE, 3))
    x = layers.Conv2D(5, 8, 8, use_bias=False, name="patches")(inputs)
    x = layers.Activation("relu", name="tokens")(layers.Reshape((12, 5))(x))
    model = keras.Model(inputs, layers.Dense(3, name="scores")(layers.GlobalAveragePooling1D()(x)))
    classifier = tpv.Classifier(model)
    assert classifier.feature_layers == ["patches", "tokens"]
    kernel, (w, _) = model.get_layer("patches").kernel.numpy(), model.get_layer("scores").get_weights()
    patches = photograph.astype(np.float32).reshape(3, 8, 4, 8, 3).transpose(0, 2, 1, 3, 4)
    A = np.maximum(np.einsum("rcijk,ijkf->rcf", patches, kernel), 0)
    expected = np.maximum(A @ w[:, 1], 0) / 12
    ours = tpv.saliency.grad_cam(classifier, photograph, 1)
    np.testing.assert_allclose(ours, tpv.images.resize(expected, SIZE), rtol=1e-3, atol=1e-4)


def test_a_side_branch_called_last_is_not_the_last_feature_map(photograph):
    inputs = keras.Input((*SIZE, 3))
    x = layers.Conv2D(4, 3, activation="relu", name="main")(inputs)
    answer = layers.Dense(2, name="scores")(layers.GlobalAveragePooling2D()(x))
    side = layers.Conv2D(4, 3, name="side")(x)
    classifier = tpv.Classifier(keras.Model(inputs, [answer, side]), output=0)
    assert classifier.feature_layers == ["main"]
    assert tpv.saliency.grad_cam(classifier, photograph, 0).max() >= 0


def test_what_only_prepares_the_image_is_no_feature_map(photograph):
    inputs = keras.Input((*SIZE, 3))
    x = layers.Rescaling(1 / 255)(layers.RandomFlip()(inputs))
    x = layers.Normalization(mean=[0.5] * 3, variance=[0.1] * 3)(layers.RandomContrast(0.1)(x))
    classifier = tpv.Classifier(keras.Model(inputs, layers.Dense(2)(layers.Flatten()(x))))
    assert classifier.feature_layers == []
    with pytest.raises(ValueError, match="this model has no feature map: no layer on the way to its output"):
        tpv.saliency.grad_cam(classifier, photograph, 0)
    assert np.isfinite(tpv.saliency.gradient(classifier, photograph, 0)).all()


def test_low_precision_gives_maps_in_float32(photograph):
    """Nearly those of the same weights in float32; int8 has a dense layer that `cam` cannot read."""
    maps = {}
    for policy in ("float32", "mixed_bfloat16", "mixed_float16", "int8"):
        keras.utils.set_random_seed(0)
        inputs = keras.Input((*SIZE, 3))
        x = layers.Rescaling(1 / 127.5, -1)(inputs)
        for filters in (8, 8):
            x = layers.Conv2D(filters, 3, activation="relu", dtype=policy.replace("int8", "float32"))(x)
        dense = layers.Dense(3, dtype=policy.replace("int8", "float32"))
        model = keras.Model(inputs, dense(layers.GlobalAveragePooling2D(dtype=dense.dtype_policy)(x)))
        if policy == "int8":
            dense.quantize("int8")
        classifier = tpv.Classifier(model)
        for name in ("grad_cam", "grad_cam_plus_plus", "gradient", "score_cam", "rise", "guided_backprop", "cam"):
            if (policy, name) == ("int8", "cam"):
                continue
            saliency_map = tpv.saliency.METHODS[name](classifier, photograph, 1)
            assert saliency_map.dtype == np.float32
            maps.setdefault(name, []).append(saliency_map.ravel())
        maps.setdefault("sess", []).append(tpv.saliency.sess(classifier, photograph, 1, n_scales=2).ravel())
    for name, (exact, *others) in maps.items():
        for other in others:
            assert np.corrcoef(exact, other)[0, 1] > 0.97, name


def test_a_sequential_without_input_is_taken_whatever_its_batch_in_training():
    x = np.random.default_rng(0).uniform(0, 255, (20, 24, 24, 3)).astype(np.float32)
    model = keras.Sequential([layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(4)])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(x, np.zeros(20), batch_size=10, verbose=0)
    classifier = tpv.Classifier(model)
    assert classifier.input_size == (24, 24)
    np.testing.assert_allclose(classifier.scores(x[:3]), model(x[:3]), rtol=1e-3, atol=1e-3)
    assert np.isfinite(tpv.saliency.rise(classifier, x[0], 1, n_masks=128)).all()


def test_preprocess_that_cuts_or_turns_is_refused_in_one_sentence():
    inputs = keras.Input((48, 48, 3))
    model = keras.Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(inputs))))
    with pytest.raises(ValueError, match="of 60 x 60 into inputs of 48 x 48: no map .* could be laid"):
        tpv.Classifier(model, lambda x: x[:, 6:54, 6:54] / 255, input_size=(60, 60))
    first = keras.Input((3, 48, 48))
    turned = keras.Model(first, layers.Dense(2)(layers.Flatten()(first)))
    with pytest.raises(ValueError, match="could be laid on its image"):
        tpv.Classifier(turned, lambda x: ops.transpose(x, (0, 3, 1, 2)), input_size=(48, 48))


@pytest.mark.parametrize("nested", [False, True])
def test_a_sum_written_as_one_is_a_layer_like_any_other(nested, photograph):
    """`x + y` between layers is an operation of Keras, and the end of each residual block of ConvNeXt."""

    def model(add):
        keras.utils.set_random_seed(0)
        inputs = keras.Input((*SIZE, 3))
        x = layers.Conv2D(4, 3, padding="same", name="stem")(inputs / 127.5 - 1)
        branch = layers.Conv2D(4, 3, padding="same", name="branch")(ops.relu(x))
        whole = keras.Model(inputs, add(x, branch))
        outer = keras.Input((*SIZE, 3))
        x = whole(outer) if nested else whole.output
        pooled = layers.GlobalAveragePooling2D()(x)
        return tpv.Classifier(keras.Model(outer if nested else inputs, layers.Dense(3)(pooled)))

    written, layered = model(lambda x, y: x + y), model(lambda x, y: layers.Add(name="sum")([x, y]))
    assert len(written.feature_layers) == len(layered.feature_layers) == 4  # stem, relu, branch, the sum
    assert written.feature_layers[::2] == ["stem", "branch"]
    for name in ("grad_cam", "score_cam"):
        maps = [tpv.saliency.METHODS[name](classifier, photograph, 1) for classifier in (written, layered)]
        np.testing.assert_allclose(*maps, rtol=1e-5)
    inputs = keras.Input((*SIZE, 3))
    arithmetic_alone = tpv.Classifier(keras.Model(inputs, layers.Dense(2)(layers.Flatten()(inputs * 2 - 1))))
    with pytest.raises(ValueError, match="has no feature map"):
        tpv.saliency.grad_cam(arithmetic_alone, photograph, 1)


def test_what_sees_one_band_of_the_image_is_no_feature_map_of_it(photograph):
    inputs = keras.Input((*SIZE, 3))
    x = layers.Conv2D(4, 3, padding="same", name="whole")(inputs)
    band = keras.Sequential([layers.Conv2D(8, 3, name="inner"), layers.GlobalAveragePooling2D()])
    for start, found in ((x, ["whole"]), (inputs, [])):
        bands = layers.Reshape((4, 6, 32, start.shape[-1]))(start)
        y = layers.GlobalAveragePooling1D()(layers.TimeDistributed(keras.models.clone_model(band))(bands))
        classifier = tpv.Classifier(keras.Model(inputs, layers.Dense(3)(y)))
        assert classifier.feature_layers == found
    with pytest.raises(ValueError, match="has no feature map"):
        tpv.saliency.grad_cam(classifier, photograph, 1)


@pytest.mark.parametrize(
    "read", [layers.LSTM, layers.GRU, lambda n, **given: layers.Bidirectional(layers.LSTM(n, **given))]
)
def test_rows_read_one_after_the_other_are_no_patches(read):
    """Sixteen rows are not four by four patches."""
    inputs = keras.Input((48, 48, 3))
    x = layers.MaxPooling2D(3)(layers.Conv2D(8, 3, padding="same", name="convolution")(inputs))
    x = read(8, return_sequences=True)(layers.Reshape((16, 128))(x))
    x = layers.GlobalAveragePooling1D()(layers.Dense(5)(layers.Conv1D(8, 3, padding="same")(x)))
    classifier = tpv.Classifier(keras.Model(inputs, layers.Dense(3)(x)))
    assert classifier.feature_layers == ["convolution"]
