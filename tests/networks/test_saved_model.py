"""A network of one's own from the folder of a SavedModel, which Keras and TensorFlow write."""

import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import tp_visualisation as tpv

SIZE = (24, 32)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((*SIZE, 3))
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(6, 3, activation="relu")(inputs))
    return keras.Model(inputs, layers.Dense(3, kernel_initializer="normal")(x))


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)


class Module(tf.Module):
    """A program of TensorFlow with a model in it; what `answer` gives is saved."""

    def __init__(self, model, answer, *specs):
        super().__init__()
        self.model = model
        self.answer = tf.function(answer, input_signature=specs)


IMAGES = tf.TensorSpec((None, *SIZE, 3), tf.float32)


def save(folder, model, answer=None, specs=(IMAGES,), endpoint="serving_default"):
    module = Module(model, answer or (lambda images: {"scores": model(images)}), *specs)
    tf.saved_model.save(module, str(folder), signatures={endpoint: module.answer})


def export(folder, model):
    model.export(str(folder), verbose=False)


@pytest.mark.parametrize(
    "write",
    [
        export,
        lambda folder, model: tf.saved_model.save(model, str(folder)),
        save,
        lambda folder, model: save(folder, model, endpoint="any_name"),
    ],
    ids=["model.export", "saved by TensorFlow", "a module", "one endpoint of another name"],
)
def test_a_saved_graph_answers_as_the_model_does(write, model, image, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "mine.v2", model)
    classifier = tpv.load_classifier("mine.v2", labels=["sea", "sun", "sand"], preprocess="[0,1]", trusted=True)
    assert (classifier.name, classifier.input_size, classifier.labels[1].label) == ("mine.v2", SIZE, "sun")
    theirs = tpv.Classifier(model, lambda images: images / 255)
    np.testing.assert_allclose(classifier.scores(image), theirs.scores(image), rtol=1e-5)
    np.testing.assert_allclose(classifier.gradient(image[None], 1), theirs.gradient(image[None], 1), atol=1e-8)
    for method in ("rise", "occlusion", "integrated_gradients"):
        ours, expected = (tpv.saliency.METHODS[method](network, image, 1) for network in (classifier, theirs))
        np.testing.assert_allclose(ours, expected, atol=1e-6)
    ours, expected = (tpv.class_model.visualise_class(network, 1, n_steps=2) for network in (classifier, theirs))
    np.testing.assert_allclose(ours, expected, atol=0.01)
    with pytest.raises(ValueError, match="no feature map"):
        tpv.saliency.grad_cam(classifier, image)


def test_its_weights_are_those_of_the_graph(model, image, tmp_path):
    export(tmp_path / "mine", model)
    classifier = tpv.load_classifier(tmp_path / "mine", trusted=True)
    assert sorted(weight.size for weight in classifier.model.get_weights()) == [3, 6, 18, 162]
    assert classifier.scores(image).any()
    classifier.model.set_weights([0 * weight for weight in classifier.model.get_weights()])
    assert not classifier.scores(image).any()


def test_one_of_several_outputs_is_chosen(model, image, tmp_path):
    save(tmp_path / "two", model, lambda images: {"other": images[:, 0, 0], "scores": model(images)})
    with pytest.raises(ValueError, match="output='other'|output='scores'"):
        tpv.load_classifier(tmp_path / "two", trusted=True)
    classifier = tpv.load_classifier(tmp_path / "two", output="scores", trusted=True)
    np.testing.assert_allclose(classifier.scores(image), model(image[None].astype(np.float32)), rtol=1e-5)
    classifier = tpv.load_classifier(tmp_path / "two", output="other", activation=None, trusted=True)
    np.testing.assert_allclose(classifier.scores(image)[0], image[0, 0])


def test_a_size_that_the_graph_does_not_say_is_asked_for(image, tmp_path):
    inputs = keras.Input((None, None, 3))
    export(tmp_path / "mine", keras.Model(inputs, layers.GlobalAveragePooling2D()(inputs)))
    with pytest.raises(ValueError, match="input_size=.h, w. is needed"):
        tpv.load_classifier(tmp_path / "mine", trusted=True)
    classifier = tpv.load_classifier(tmp_path / "mine", trusted=True, input_size=SIZE)
    np.testing.assert_allclose(classifier.scores(image)[0], image.mean(axis=(0, 1)), rtol=1e-5)


def test_a_graph_that_ends_in_a_softmax_can_be_explained_by_masks(model, image, tmp_path):
    probabilities = keras.Model(model.inputs, layers.Softmax()(model.outputs[0]))
    export(tmp_path / "mine", probabilities)
    classifier = tpv.load_classifier(tmp_path / "mine", trusted=True)
    np.testing.assert_allclose(classifier.probabilities(image), probabilities(image[None]), rtol=1e-4)
    for method in ("rise", "occlusion"):
        ours = tpv.saliency.METHODS[method](classifier, image, 1)
        np.testing.assert_allclose(
            ours, tpv.saliency.METHODS[method](tpv.Classifier(probabilities), image, 1), atol=1e-5
        )


def test_a_graph_is_a_program_and_read_only_where_it_is_trusted(model, tmp_path, monkeypatch):
    export(tmp_path / "mine", model)
    monkeypatch.setattr(tf.saved_model, "load", lambda *args, **options: pytest.fail("it was loaded"))
    with pytest.raises(ValueError, match=r'mine" holds a program .a SavedModel.*trusted=True; --trust at the shell'):
        tpv.load_classifier(tmp_path / "mine")


@pytest.mark.parametrize(
    ("answer", "specs", "sentence"),
    [
        (None, (tf.TensorSpec((1, *SIZE, 3)),), r"inputs of shape \(1, 24, 32, 3\): \(None, h, w, C\) was expected"),
        (lambda x: {"scores": x}, (tf.TensorSpec((None, 5)),), r"inputs of shape \(None, 5\)"),
        (lambda x: {"scores": x}, (tf.TensorSpec(None),), "inputs of shape <unknown>"),
        (
            lambda x: {"scores": tf.reduce_mean(tf.cast(x, tf.float32), (1, 2))},
            (tf.TensorSpec((None, *SIZE, 3), tf.uint8),),
            "takes uint8, through which no gradient passes",
        ),
        (
            lambda x, y: {"scores": tf.reduce_mean(x + y, (1, 2))},
            (IMAGES, IMAGES),
            r'one input, images .* "serving_default" of the SavedModel ".*" takes 2, x, y: make a keras.Model around',
        ),
    ],
    ids=["one image", "no images", "anything", "integers", "two inputs"],
)
def test_what_takes_no_batch_of_images_is_refused_in_one_sentence(answer, specs, sentence, model, tmp_path):
    save(tmp_path / "mine", model, answer, specs)
    with pytest.raises(ValueError, match=sentence) as caught:
        tpv.load_classifier(tmp_path / "mine", trusted=True)
    assert len(str(caught.value).splitlines()) == 1


def test_several_endpoints_are_ambiguous_unless_one_has_the_usual_name(model, image, tmp_path):
    module = Module(model, lambda images: {"scores": model(images)}, IMAGES)
    tf.saved_model.save(module, str(tmp_path / "two"), signatures={"first": module.answer, "second": module.answer})
    with pytest.raises(ValueError, match='several endpoints, first, second, and none is called "serve"'):
        tpv.load_classifier(tmp_path / "two", trusted=True)
    tf.saved_model.save(module, str(tmp_path / "usual"), signatures={"first": module.answer, "serve": module.answer})
    assert tpv.load_classifier(tmp_path / "usual", trusted=True).scores(image).shape == (1, 3)
    tf.saved_model.save(tf.Module(), str(tmp_path / "none"))
    with pytest.raises(ValueError, match="has no endpoint that could be called: write it with model.export"):
        tpv.load_classifier(tmp_path / "none", trusted=True)


def test_what_is_damaged_or_no_saved_model_is_refused_in_one_sentence(model, tmp_path):
    export(tmp_path / "mine", model)
    whole = (tmp_path / "mine" / "saved_model.pb").read_bytes()
    for content in (b"", b"no graph at all", whole[: len(whole) // 2]):
        (tmp_path / "mine" / "saved_model.pb").write_bytes(content)
        with pytest.raises(ValueError, match="mine") as caught:
            tpv.load_classifier(tmp_path / "mine", trusted=True)
        assert len(str(caught.value).splitlines()) == 1
    (tmp_path / "mine" / "saved_model.pb").write_bytes(whole)
    shutil.rmtree(tmp_path / "mine" / "variables")
    with pytest.raises(ValueError, match='SavedModel ".*mine" cannot be used as a layer'):
        tpv.load_classifier(tmp_path / "mine", trusted=True)


def test_a_keras_file_around_a_saved_model_asks_for_trust_too(model, image, tmp_path):
    export(tmp_path / "graph", model)
    inputs = keras.Input((*SIZE, 3))
    keras.Model(inputs, keras.layers.TFSMLayer(str(tmp_path / "graph"))(inputs)).save(tmp_path / "around.keras")
    try:
        classifier = tpv.load_classifier(tmp_path / "around.keras")  # Keras 3.9 trusts it
    except ValueError as error:
        assert "a SavedModel), which would run on this computer: if you trust" in str(error)  # noqa: PT017
        classifier = tpv.load_classifier(tmp_path / "around.keras", trusted=True)
    np.testing.assert_allclose(classifier.scores(image), model(image[None].astype(np.float32)), rtol=1e-5)
