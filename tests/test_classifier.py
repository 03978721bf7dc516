"""Any Keras model becomes a classifier whose scores are those before the softmax, and stays as it was."""

import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import tp_visualisation as tpv
from tp_visualisation.images import resize

SIZE = (12, 20)
KERNEL = np.random.default_rng(1).normal(0, 0.02, (3, 4)).astype(np.float32)
HEAD = np.random.default_rng(2).normal(0, 1, (4, 3)).astype(np.float32)


class Subclassed(keras.Model):
    def __init__(self, activation=None):
        super().__init__()
        self.conv = layers.Conv2D(4, 1, use_bias=False, activation="relu")
        self.pool = layers.GlobalAveragePooling2D()
        self.head = layers.Dense(3, use_bias=False, activation=activation)

    def call(self, images, training=False):
        return self.head(self.pool(self.conv(images)))


class Hidden(Subclassed):
    """The softmax is inside a function of its own, where the graph does not show it."""

    @tf.function
    def call(self, images, training=False):
        return super().call(images)


def backbone(inputs):
    x = layers.Conv2D(4, 1, use_bias=False, activation="relu")(inputs)
    return layers.GlobalAveragePooling2D()(x)


def functional(end, shape=(*SIZE, 3)):
    inputs = keras.Input(shape)
    return keras.Model(inputs, end(backbone(inputs)))


def sequential(*end):
    conv = layers.Conv2D(4, 1, use_bias=False, activation="relu")
    return keras.Sequential([keras.Input((*SIZE, 3)), conv, layers.GlobalAveragePooling2D(), *end])


def dense(activation=None):
    return layers.Dense(3, use_bias=False, activation=activation)


def nested(softmax_inside):
    inputs, inner = keras.Input((*SIZE, 3)), keras.Input((*SIZE, 3))
    if softmax_inside:
        return keras.Model(inputs, functional(dense("softmax"))(inputs))
    return keras.Model(inputs, dense("softmax")(keras.Model(inner, backbone(inner))(inputs)))


MODELS = {
    "logits": lambda: functional(dense()),
    "softmax": lambda: functional(dense("softmax")),
    "softmax layer": lambda: functional(lambda x: layers.Softmax()(dense()(x))),
    "activation layer": lambda: functional(lambda x: layers.Activation("softmax")(dense()(x))),
    "sequential": lambda: sequential(dense("softmax")),
    "sequential, logits": lambda: sequential(dense()),
    "nested backbone": lambda: nested(False),
    "nested model that ends in softmax": lambda: nested(True),
    "any size": lambda: functional(dense("softmax"), (None, None, 3)),
    "subclassed": lambda: Subclassed("softmax"),
    "subclassed, logits": lambda: Subclassed(),
    "subclassed, compiled function, logits": lambda: Hidden(),
}


def with_weights(model):
    """The same weights in every model, whatever its kind."""
    if not model.built:
        model(np.zeros((1, *SIZE, 3), np.float32))
    model.set_weights([KERNEL[None, None], HEAD])
    return model


def scores_on_paper(images):
    return np.maximum(np.asarray(images, np.float32) @ KERNEL, 0).mean(axis=(1, 2)) @ HEAD


def gradient_on_paper(image, target):
    alive = np.asarray(image, np.float32) @ KERNEL > 0
    return (alive * HEAD[:, target]) @ KERNEL.T / (SIZE[0] * SIZE[1])


@pytest.mark.parametrize("kind", MODELS)
def test_scores_and_gradients_are_those_of_the_logits_whatever_the_end(kind, image):
    classifier = tpv.Classifier(with_weights(MODELS[kind]()), input_size=SIZE)
    expected = scores_on_paper(image[None])
    np.testing.assert_allclose(classifier.scores(image), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(classifier.probabilities(image), keras.ops.softmax(expected), atol=1e-5)
    for target in range(3):
        ours = classifier.gradient(image[None], target)[0]
        np.testing.assert_allclose(ours, gradient_on_paper(image, target), rtol=1e-3, atol=1e-7)
        np.testing.assert_array_equal(ours, classifier.input_gradient(image[None], target)[0])


@pytest.mark.parametrize("kind", MODELS)
def test_the_model_stays_as_it_was(kind, image):
    model = with_weights(MODELS[kind]())
    model.compile("sgd", "mse")
    all_layers = [model, *model._flatten_layers(include_self=False)]
    weights = [weight.tobytes() for weight in model.get_weights()]
    config = None if isinstance(model, Subclassed) else model.get_config()
    trainable = [layer.trainable for layer in all_layers]
    attributes = [set(vars(layer)) for layer in all_layers]
    activations = [getattr(layer, "activation", None) for layer in all_layers]
    outputs = np.asarray(model(image[None]))

    classifier = tpv.Classifier(model, input_size=SIZE)
    tpv.saliency.gradient(classifier, image, 1)
    tpv.saliency.rise(classifier, image, 1, n_masks=16, design="random")
    if not isinstance(model, Hidden):
        classifier.activations_and_gradients(image[None], 1)

    assert [weight.tobytes() for weight in model.get_weights()] == weights
    assert config is None or model.get_config() == config
    assert [layer.trainable for layer in all_layers] == trainable
    assert [set(vars(layer)) for layer in all_layers] == attributes
    assert [getattr(layer, "activation", None) for layer in all_layers] == activations
    np.testing.assert_array_equal(model(image[None]), outputs)
    if config is not None:
        keras.Model(model.inputs, model.outputs)(image[None])
    model.fit(image[None], np.float32([[0, 1, 0]]), verbose=0)
    assert [weight.tobytes() for weight in model.get_weights()] != weights


@pytest.mark.parametrize("options", [{"jit_compile": True}, {"run_eagerly": True}])
def test_how_the_model_was_compiled_does_not_matter(options, image):
    model = with_weights(functional(dense("softmax")))
    model.compile("sgd", "categorical_crossentropy", **options)
    np.testing.assert_allclose(tpv.Classifier(model).scores(image), scores_on_paper(image[None]), rtol=1e-4, atol=1e-5)


def test_dropout_and_batch_normalisation_are_those_of_inference(image):
    inputs = keras.Input((*SIZE, 3))
    x = layers.GaussianNoise(1.0)(layers.Dropout(0.9)(inputs))
    x = layers.BatchNormalization(momentum=0.5)(x)
    model = keras.Model(inputs, layers.Dense(3)(layers.GlobalAveragePooling2D()(layers.RandomFlip()(x))))
    before = [weight.copy() for weight in model.get_weights()]
    classifier = tpv.Classifier(model)
    first, again = classifier.scores([image, image])
    np.testing.assert_array_equal(first, again)
    np.testing.assert_allclose(first[None], model(image[None], training=False), rtol=1e-4)
    for ours, theirs in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float16", "float64"])
def test_other_precisions_give_float32_scores_and_gradients(policy, image):
    keras.config.set_dtype_policy(policy)
    try:
        model = functional(dense("softmax"))
    finally:
        keras.config.set_dtype_policy("float32")
    classifier = tpv.Classifier(with_weights(model), preprocess=lambda images: images / 64)
    expected = scores_on_paper(image[None] / 64)
    logits, gradient = classifier.scores(image), classifier.gradient(image[None], 1)[0]
    assert logits.dtype == gradient.dtype == np.float32
    np.testing.assert_allclose(logits, expected, atol=0.02)
    theirs = gradient_on_paper(image, 1) / 64
    assert np.corrcoef(gradient.ravel(), theirs.ravel())[0, 1] > 0.99
    assert tpv.saliency.rise(classifier, image, 1, n_masks=16, design="random").dtype == np.float32


def test_one_sigmoid_is_a_classifier_of_two_classes(image):
    weights = np.float32([[0.01], [-0.02], [0.015]])
    inputs = keras.Input((*SIZE, 3))
    x = layers.GlobalAveragePooling2D()(inputs)
    model = keras.Model(inputs, layers.Dense(1, activation="sigmoid", use_bias=False)(x))
    model.set_weights([weights])
    classifier = tpv.Classifier(model, labels=["dog", "cat"])
    z = float((image.mean(axis=(0, 1)) @ weights)[0])
    np.testing.assert_allclose(classifier.scores(image), [[-z, z]], rtol=1e-4)
    np.testing.assert_allclose(classifier.probabilities(image)[0, 1], model(image[None])[0, 0], rtol=1e-5)
    expected = np.broadcast_to(weights[:, 0] / (SIZE[0] * SIZE[1]), (*SIZE, 3))
    np.testing.assert_allclose(classifier.gradient(image[None], 1)[0], expected, rtol=1e-4)
    assert classifier.top(image)[0].label == ("cat" if z > 0 else "dog")


# What is refused


def test_softmax_inside_a_compiled_call_is_found(image):
    model = with_weights(Hidden("softmax"))
    classifier = tpv.Classifier(model, input_size=SIZE)
    assert classifier.activation == "softmax"
    np.testing.assert_allclose(classifier.scores(image), scores_on_paper(image[None]), rtol=1e-4)
    np.testing.assert_allclose(classifier.probabilities(image).sum(), 1, rtol=1e-5)
    assert np.isfinite(tpv.saliency.grad_cam(classifier, image, 1)).all()


def test_softmax_after_a_softmax_is_refused():
    with pytest.raises(ValueError, match="one softmax or sigmoid too many"):
        tpv.Classifier(with_weights(functional(lambda x: layers.Softmax()(dense("softmax")(x)))))


def test_of_a_softmax_written_by_hand_only_probabilities_are_known(image):
    def by_hand(x):
        e = keras.ops.exp(dense()(x))
        return e / keras.ops.sum(e, axis=-1, keepdims=True)

    classifier, plain = (tpv.Classifier(with_weights(functional(end))) for end in (by_hand, dense("softmax")))
    np.testing.assert_allclose(classifier.probabilities(image), plain.probabilities(image), rtol=1e-5)
    maps = [tpv.saliency.rise(c, image, 1, n_masks=200) for c in (classifier, plain)]
    np.testing.assert_allclose(*maps, rtol=1e-4)
    for method in ("gradient", "grad_cam", "guided_backprop", "group_cam"):
        with pytest.raises(ValueError, match="gives probabilities and does not show the scores.*rise, occlusion"):
            tpv.saliency.METHODS[method](classifier, image, 1)


def test_scores_between_0_and_1_are_scores(image):
    """They are no probabilities, for they do not sum to 1."""
    model = functional(lambda x: layers.Rescaling(0.0, offset=0.2)(dense()(x)))
    np.testing.assert_allclose(tpv.Classifier(model).scores(image), 0.2, rtol=1e-6)


def test_a_model_is_wanted():
    for thing in (None, "resnet50v2", lambda images: images, layers.Dense(3)):
        with pytest.raises(ValueError, match="model must be a keras.Model"):
            tpv.Classifier(thing)


def test_several_inputs_are_refused():
    one, two = keras.Input((*SIZE, 3)), keras.Input((*SIZE, 3))
    model = keras.Model([one, two], layers.Dense(2)(backbone(layers.Add()([one, two]))))
    for input_size in (None, SIZE):
        with pytest.raises(ValueError, match="a classifier must have one input.* this model has 2.*fixed_inputs"):
            tpv.Classifier(model, input_size=input_size)


def test_of_several_outputs_one_is_to_be_chosen():
    inputs = keras.Input((*SIZE, 3))
    x = backbone(inputs)
    for outputs, got in (
        ([dense()(x), dense()(x)], "has 2: choose one of them, output=0"),
        ({"a": dense()(x), "b": dense()(x)}, "has 2: choose one of them, output='a'"),
    ):
        with pytest.raises(ValueError, match=f"one output of shape .N, number of classes., this model {got}"):
            tpv.Classifier(keras.Model(inputs, outputs))


def test_size_is_asked_for_where_the_model_does_not_say():
    for model in (functional(dense(), (None, None, 3)), Subclassed(), keras.Sequential([layers.Flatten(), dense()])):
        with pytest.raises(ValueError, match=r"input_size=\(h, w\) is needed"):
            tpv.Classifier(model)
    assert tpv.Classifier(functional(dense(), (None, None, 3)), input_size=16).input_size == (16, 16)


@pytest.mark.parametrize("input_size", [0, (12, 0), (12,), "12", 12.5])
def test_impossible_size_is_refused(input_size):
    with pytest.raises(ValueError, match="input_size must be"):
        tpv.Classifier(functional(dense(), (None, None, 3)), input_size=input_size)


def test_many_classifiers_are_made_without_a_warning_of_tensorflow(caplog, monkeypatch):
    monkeypatch.setattr(tf.get_logger(), "propagate", True)
    for _ in range(8):
        tpv.Classifier(functional(dense()))
    assert not caplog.records


def test_model_that_was_not_built_is_built(image):
    classifier = tpv.Classifier(Subclassed("softmax"), input_size=SIZE)
    assert classifier.scores(image).shape == (1, 3)
    assert np.isfinite(tpv.saliency.gradient(classifier, image, 1)).all()


def test_images_that_do_not_fit_the_model_are_refused():
    grey = functional(dense(), (*SIZE, 1))
    with pytest.raises(ValueError, match=r"takes inputs \(None, 12, 20, 1\), and images become \(None, 12, 20, 3\)"):
        tpv.Classifier(grey)
    with pytest.raises(ValueError, match=r"takes inputs \(None, 12, 20, 3\), and images become \(None, 8, 8, 3\)"):
        tpv.Classifier(functional(dense()), input_size=8)


def test_preprocess_may_change_the_channels(image):
    grey = functional(dense(), (*SIZE, 1))
    classifier = tpv.Classifier(grey, preprocess=lambda images: keras.ops.mean(images, axis=-1, keepdims=True) / 255)
    assert classifier.prepare(image).shape == (1, *SIZE, 1)
    assert classifier.gradient(image[None], 1).shape == (1, *SIZE, 3)
    assert np.isfinite(tpv.saliency.rise(classifier, image, 1, n_masks=16, design="random")).all()


@pytest.mark.parametrize("preprocess", [lambda images: None, lambda images: images[0], lambda images: images[:, 0]])
def test_preprocess_that_does_not_give_inputs_is_refused(preprocess):
    with pytest.raises(ValueError, match=r"preprocess must give inputs \(N, h, w, C\)|images become"):
        tpv.Classifier(functional(dense()), preprocess=preprocess)


# Labels


def test_labels_must_be_as_many_as_the_classes():
    model = functional(dense())
    for labels in (["cat", "dog"], ["cat"] * 4, []):
        with pytest.raises(ValueError, match=f"labels must name the 3 outputs of the model, got {len(labels)} names"):
            tpv.Classifier(model, labels=labels)
    with pytest.raises(ValueError, match="labels must be a list of 3 names, got the text 'cat'"):
        tpv.Classifier(model, labels="cat")


def test_labels_of_ones_own():
    model = functional(dense())
    classifier = tpv.Classifier(model, labels=np.array(["cat", "dog", "cat"]))
    assert classifier.class_index("Dog") == 1
    with pytest.raises(ValueError, match=r"names several classes: 0 \(cat\), 2 \(cat\)"):
        classifier.class_index("cat")
    assert tpv.Classifier(model).class_index("class 2") == 2


# Preprocessing


def in_place(images):
    """As Keras' preprocess_input: writes into a float array."""
    images /= 127.5
    images -= 1.0
    return images


@pytest.mark.parametrize(
    "preprocess", [in_place, keras.applications.mobilenet_v2.preprocess_input, layers.Rescaling(1 / 127.5, -1)]
)
def test_preprocess_that_writes_in_place_leaves_the_callers_images_alone(preprocess, image):
    classifier = tpv.Classifier(with_weights(functional(dense())), preprocess=preprocess)
    before = image.copy()
    batch = np.stack([image, image])
    expected = scores_on_paper(image[None] / 127.5 - 1)
    for images in (image, batch, [image]):
        np.testing.assert_allclose(classifier.scores(images)[:1], expected, atol=1e-4)
        np.testing.assert_allclose(classifier.prepare(images)[0], image / 127.5 - 1, atol=1e-5)
    classifier.top(image)
    gradient = classifier.gradient(image[None], 1)[0]
    np.testing.assert_allclose(gradient, gradient_on_paper(before / 127.5 - 1, 1) / 127.5, rtol=1e-3, atol=1e-8)
    np.testing.assert_array_equal(image, before)
    np.testing.assert_array_equal(batch, [before, before])


@pytest.mark.parametrize(
    "preprocess",
    [
        lambda images: np.divide(images, np.float32(255)),
        lambda images: np.asarray(images) / 255,
        lambda images: np.stack([picture / 255 for picture in images]),
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_numpy_preprocess_works_forward_and_its_gradient_is_refused(preprocess, image):
    classifier = tpv.Classifier(with_weights(functional(dense())), preprocess=preprocess)
    np.testing.assert_allclose(classifier.scores(image), scores_on_paper(image[None] / 255), atol=1e-5)
    tpv.saliency.rise(classifier, image, 1, n_masks=16, design="random")
    with pytest.raises(ValueError, match="gradients must pass through preprocess: write it with arithmetic"):
        tpv.saliency.gradient(classifier, image, 1)


# Images


def test_images_of_any_size_and_type_alone_or_together(image):
    classifier = tpv.Classifier(with_weights(functional(dense())))
    large = np.random.default_rng(0).integers(0, 256, (31, 33, 3), np.uint8)
    alone = classifier.scores(image)
    assert alone.shape == (1, 3)
    assert alone.dtype == np.float32
    np.testing.assert_allclose(
        classifier.scores(large), scores_on_paper(resize(large, SIZE)[None]), rtol=1e-4, atol=1e-5
    )
    both = classifier.scores([image, large])
    np.testing.assert_allclose(both, np.concatenate([alone, classifier.scores(large)]), atol=1e-5)
    np.testing.assert_allclose(classifier.scores([image.tolist()]), alone, atol=1e-5)
    for batch_size in (1, 2, 32):
        many = classifier.scores(np.stack([image] * 5), batch_size=batch_size)
        np.testing.assert_allclose(many, np.repeat(alone, 5, axis=0), atol=1e-5)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (lambda image: image / 255, "multiply it by 255"),
        (lambda image: image * np.nan, "NaN"),
        (lambda image: image[..., 0], "greyscale"),
        (lambda image: np.moveaxis(image, -1, 0), "channels first"),
        (lambda image: [image, image / 255], "multiply it by 255"),
        (lambda image: "elephant.jpg", "read it with load_image"),
        (lambda image: [], "images is empty"),
        (lambda image: image[None][:0], "images is empty"),
    ],
)
def test_bad_images_are_refused(bad, message, pooled, image):
    with pytest.raises(ValueError, match=message):
        pooled.scores(bad(image))
    with pytest.raises(ValueError, match=message):
        pooled.probabilities(bad(image))


def test_top_is_sorted_and_named(image):
    classifier = tpv.Classifier(with_weights(functional(dense())), labels=["cat", "dog", "fox"])
    probabilities = classifier.probabilities(image)[0]
    top = classifier.top(image, k=2)
    assert [prediction.index for prediction in top] == np.argsort(-probabilities)[:2].tolist()
    assert top[0].label == ["cat", "dog", "fox"][top[0].index]
    assert top[0].wnid is None
    assert top[0].probability == pytest.approx(probabilities.max())
    assert len(classifier.top(image, k=10)) == 3


def test_target_none_is_the_predicted_class(image):
    classifier = tpv.Classifier(with_weights(functional(dense())), labels=["cat", "dog", "fox"])
    best = int(scores_on_paper(image[None]).argmax())
    explained, checked, target = classifier.check(image)
    assert explained is classifier
    assert target == best
    assert checked.dtype == np.float32
    assert not np.shares_memory(checked, image)
    np.testing.assert_array_equal(
        tpv.saliency.gradient(classifier, image), tpv.saliency.gradient(classifier, image, best)
    )


def test_probabilities_of_large_scores_do_not_overflow():
    scores = np.float32([[1e4, 0, -1e4], [-500, -500, -500]])
    of_one_class = tpv.Classifier(functional(dense())).probabilities_of
    np.testing.assert_allclose(of_one_class(scores), [[1, 0, 0], [1 / 3] * 3], rtol=1e-6)
    of_each_class = tpv.Classifier(functional(dense("sigmoid"))).probabilities_of
    np.testing.assert_allclose(of_each_class(np.float32([[-1000, 0, 1000]])), [[0, 0.5, 1]])


# Retraining


@pytest.mark.parametrize("engine", ["tensorflow", "openvino"])
def test_new_weights_are_noticed(engine, image):
    if engine == "openvino":
        pytest.importorskip("openvino")
    model = with_weights(functional(dense("softmax")))
    classifier = tpv.Classifier(model, engine=engine)
    before = classifier.scores(image)
    gradient = tpv.saliency.gradient(classifier, image, 1)
    rise = tpv.saliency.rise(classifier, image, 1, n_masks=16, design="random")
    model.set_weights([2 * KERNEL[None, None], HEAD])
    np.testing.assert_allclose(classifier.scores(image), 2 * before, rtol=1e-3)
    np.testing.assert_allclose(tpv.saliency.gradient(classifier, image, 1), 2 * gradient, rtol=1e-3)
    assert not np.allclose(tpv.saliency.rise(classifier, image, 1, n_masks=16, design="random"), rise)
    model.set_weights([KERNEL[None, None], HEAD])
    np.testing.assert_allclose(tpv.saliency.gradient(classifier, image, 1), gradient, rtol=1e-3)


def test_every_way_to_ask_notices_new_weights(image):
    asks = {
        "scores": lambda c: c.scores(image),
        "probabilities": lambda c: c.probabilities(image),
        "input_scores": lambda c: c.input_scores(image[None]),
        "input_probabilities": lambda c: c.input_probabilities(image[None]),
        "gradient": lambda c: c.gradient(image[None], 1),
        "occlusion": lambda c: tpv.saliency.occlusion(c, image, 1),
        "cam": lambda c: tpv.saliency.cam(c, image, 1),
    }
    for first in asks:  # what was asked before, and compiled, must not matter
        classifier = tpv.Classifier(with_weights(functional(dense("softmax"))))
        asks[first](classifier)
        classifier.model.set_weights([0.5 * KERNEL[None, None], HEAD])
        fresh = tpv.Classifier(classifier.model)
        for name, ask in asks.items():
            np.testing.assert_allclose(ask(classifier), ask(fresh), rtol=1e-4, atol=1e-7, err_msg=f"{first}, {name}")


def test_a_flag_fixed_inside_the_model_holds_as_in_predict(image):
    """A batch normalisation that is told to train: what is explained is what predict gives, and nothing moves."""
    inputs = keras.Input((*SIZE, 3))
    x = layers.BatchNormalization()(layers.Conv2D(4, 3)(inputs), training=True)
    model = keras.Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))
    classifier = tpv.Classifier(model)
    before = [weight.copy() for weight in model.get_weights()]
    scores = classifier.scores(image)
    tpv.saliency.grad_cam(classifier, image, 1)
    for weight, kept in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, kept)
    np.testing.assert_allclose(scores, model.predict(image[None], verbose=0), rtol=1e-3, atol=1e-4)


def test_training_between_two_maps_is_noticed(image):
    model = with_weights(functional(dense("softmax")))
    classifier = tpv.Classifier(model)
    classifier.scores(image)
    model.compile(keras.optimizers.SGD(1e-3), "categorical_crossentropy")
    model.fit(image[None], np.float32([[0, 1, 0]]), verbose=0)
    np.testing.assert_allclose(classifier.probabilities(image), model(image[None]), atol=1e-5)


def test_the_smallest_change_of_a_weight_is_noticed(image):
    model = with_weights(functional(dense()))
    classifier = tpv.Classifier(model)
    classifier.check(image)
    compiled = dict(classifier.engine._compiled)
    classifier.check(image)
    assert classifier.engine._compiled == compiled  # nothing was dropped
    head = HEAD.copy()
    head[0, 0] = np.nextafter(head[0, 0], np.float32(9))
    model.set_weights([KERNEL[None, None], head])
    classifier.check(image, 0)
    assert not classifier.engine._compiled


def test_model_without_weights_is_a_classifier_too(image):
    inputs = keras.Input((*SIZE, 3))
    classifier = tpv.Classifier(keras.Model(inputs, layers.GlobalAveragePooling2D()(inputs)))
    np.testing.assert_allclose(classifier.scores(image)[0], image.mean(axis=(0, 1)), rtol=1e-4)
    np.testing.assert_allclose(tpv.saliency.gradient(classifier, image, 1), 1 / (SIZE[0] * SIZE[1]), rtol=1e-4)


# Randomness, messages, layers


def test_global_random_generators_are_left_alone(image):
    def draw():
        keras.utils.clear_session()  # without it Keras 3.11 goes on where its generator was
        keras.utils.set_random_seed(0)
        tf.random.get_global_generator().reset_from_seed(0)
        yield
        draws = keras.random.uniform([]), tf.random.uniform([]), np.random.random(), random.random()  # noqa: NPY002
        generator = tf.random.get_global_generator().uniform([])
        yield [float(value) for value in (*draws, generator)]

    alone = draw()
    next(alone)
    expected = next(alone)
    model = with_weights(functional(lambda x: dense("softmax")(layers.Dropout(0.5)(x))))
    with_us = draw()
    next(with_us)
    classifier = tpv.Classifier(model)
    classifier.top(image)
    for method in (tpv.saliency.gradient, tpv.saliency.rise):
        method(classifier, image, 1)
    assert next(with_us) == expected


def test_many_classifiers_raise_no_warning_about_tracing(image, capfd, caplog):
    for _ in range(7):
        tpv.Classifier(with_weights(functional(dense()))).scores(image)
    assert "retracing" not in capfd.readouterr().err + caplog.text


def test_activations_and_gradients_of_a_layer_are_those_on_paper(image):
    model = with_weights(functional(dense("softmax")))
    classifier = tpv.Classifier(model)
    (name,) = classifier.feature_layers
    A, gradients, scores = classifier.activations_and_gradients(image[None], 2)
    np.testing.assert_allclose(A[0], np.maximum(image @ KERNEL, 0), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(gradients[0], np.broadcast_to(HEAD[:, 2] / 240, A[0].shape), rtol=1e-4)
    np.testing.assert_allclose(scores, scores_on_paper(image[None]), rtol=1e-4, atol=1e-5)
    assert classifier.feature_layer(name.upper()) == name
    with pytest.raises(ValueError, match=f'no layer "conv". Closest: "{name}"'):
        classifier.activations_and_gradients(image[None], 2, layer="conv")


def test_representation_says_what_is_under_study(embedded):
    assert repr(embedded) == "Classifier('efficientnet_lite0', 1000 classes, input 224 x 224, tensorflow)"


def test_live_weights_are_followed_without_compiling_again(image, monkeypatch):
    model = with_weights(functional(dense("softmax")))
    classifier = tpv.Classifier(model)
    live = classifier.with_live_weights()
    before, gradient = live.scores(image), tpv.saliency.gradient(live, image, 1)
    np.testing.assert_allclose(before, classifier.scores(image), rtol=1e-5)
    np.testing.assert_allclose(gradient, tpv.saliency.gradient(classifier, image, 1), rtol=1e-5, atol=1e-9)
    compiled = dict(live.engine._compiled)
    model.set_weights([2 * KERNEL[None, None], HEAD])
    np.testing.assert_allclose(live.scores(image), 2 * before, rtol=1e-5)
    np.testing.assert_allclose(tpv.saliency.gradient(live, image, 1), 2 * gradient, rtol=1e-5, atol=1e-9)
    assert live.engine._compiled == compiled
    np.testing.assert_allclose(classifier.scores(image), 2 * before, rtol=1e-5)  # nor does the copy hide the change
