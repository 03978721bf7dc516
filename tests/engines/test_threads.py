"""Any number of threads may use a classifier at once, cold or warm; nothing of the model is ever replaced."""

import threading
from functools import partial

import keras
import numpy as np
import pytest
from keras import layers

import tp_visualisation as tpv
from tp_visualisation.engines import recording

METHODS = ["grad_cam", "score_cam", "gradient", "occlusion", "cam", "smoothgrad", "guided_backprop", "rise"]
OPTIONS = {"rise": {"n_masks": 128}, "smoothgrad": {"n_samples": 4}}


def network(engine="tensorflow"):
    keras.utils.set_random_seed(1)
    inputs = keras.Input((24, 32, 3))
    x = layers.Rescaling(1 / 127.5, -1)(inputs)
    for filters in (8, 12):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.GlobalAveragePooling2D()(x)
    model = keras.Model(inputs, layers.Dense(3, activation="softmax", kernel_initializer="normal")(x))
    return tpv.Classifier(model, engine=engine)


def explain(classifier, image, name):
    return tpv.saliency.METHODS[name](classifier, image, 1, **OPTIONS.get(name, {}))


def together(*functions):
    """Run functions at the same moment, each in a thread; return what they return, or raise what one of them raised."""
    results, errors, start = [None] * len(functions), [], threading.Barrier(len(functions))

    def run(number, function):
        try:
            start.wait()
            results[number] = function()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=each) for each in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


@pytest.fixture
def photograph():
    return np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)


@pytest.mark.parametrize("engine", ["tensorflow", "openvino"])
def test_eight_threads_on_a_cold_classifier_give_the_maps_of_one(engine, photograph, tmp_path, monkeypatch):
    if engine == "openvino":
        pytest.importorskip("openvino")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    alone = network(engine)
    expected = [explain(alone, photograph, name) for name in METHODS]
    before = [weight.copy() for weight in alone.model.get_weights()]
    for _ in range(3):
        shared = network(engine)
        maps = together(*[partial(explain, shared, photograph, name) for name in METHODS])
        for name, saliency_map, wanted in zip(METHODS, maps, expected, strict=True):
            scale = np.abs(wanted).max()
            np.testing.assert_allclose(saliency_map, wanted, rtol=1e-4, atol=1e-5 * scale, err_msg=name)
        for weight, kept in zip(shared.model.get_weights(), before, strict=True):
            np.testing.assert_array_equal(weight, kept)
        assert not any("call" in vars(layer) for layer in shared.model._flatten_layers())
        shared.model(photograph[None].astype(np.float32))


def test_others_may_call_train_and_save_the_model_meanwhile(photograph, tmp_path):
    classifier = network()
    model, images = classifier.model, np.stack([photograph] * 4).astype(np.float32)
    expected = np.asarray(model(images))
    other = keras.models.clone_model(model)
    other.compile("sgd", "sparse_categorical_crossentropy")

    def call():
        return [np.asarray(model(images)) for _ in range(20)]

    def save():
        return [model.save(tmp_path / f"{number}.keras") for number in range(3)]

    def train():  # another model of the same layers' kinds, in the same process
        return other.fit(images, np.zeros(4), epochs=3, verbose=0)

    answers, *_ = together(call, save, train, *[partial(explain, classifier, photograph, name) for name in METHODS[:4]])
    for answer in answers:
        np.testing.assert_allclose(answer, expected, rtol=1e-5)
    again = keras.models.load_model(tmp_path / "2.keras")
    np.testing.assert_allclose(again(images), expected, rtol=1e-5)


def test_the_model_itself_may_be_trained_meanwhile(photograph):
    """Maps are then of weights on their way; when the training is over, they are those of the last ones."""
    classifier = network()
    model, images = classifier.model, np.stack([photograph] * 4).astype(np.float32)
    model.compile("sgd", "sparse_categorical_crossentropy")

    def train():
        return model.fit(images, np.zeros(4), epochs=5, verbose=0)

    _, *maps = together(train, *[partial(explain, classifier, photograph, name) for name in METHODS])
    assert all(np.isfinite(saliency_map).all() for saliency_map in maps)
    np.testing.assert_allclose(classifier.probabilities(photograph), model(images[:1]), rtol=1e-3, atol=1e-5)
    fresh = tpv.Classifier(model)
    for name in METHODS:
        wanted = explain(fresh, photograph, name)
        np.testing.assert_allclose(
            explain(classifier, photograph, name), wanted, rtol=1e-3, atol=1e-4 * np.abs(wanted).max(), err_msg=name
        )


def test_what_one_thread_watches_another_does_not(photograph):
    model, images = network().model, photograph[None].astype(np.float32)
    inside, done = threading.Event(), threading.Event()

    def other():
        inside.wait()
        model(images)
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with recording(model) as calls:
        inside.set()
        done.wait()
        assert calls == []
        model(images)
    thread.join()
    assert len(calls) > 5


def test_an_exception_in_the_middle_of_a_trace_leaves_everything_as_it_was(photograph):
    classifier = network()
    with pytest.raises(ZeroDivisionError):
        classifier.run(_fails, photograph[None].astype(np.float32), layer=classifier.feature_layers[0])
    assert np.isfinite(explain(classifier, photograph, "grad_cam")).all()
    with recording(classifier.model) as calls:
        pass
    classifier.model(photograph[None].astype(np.float32))
    assert calls == []


def _fails(network, inputs, layer):
    network.scores_and_activations(inputs, layer)
    return 1 / 0
