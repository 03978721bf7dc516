"""The networks of Keras Applications: preprocessing, sizes, weights files, no connection."""

import importlib
import socket

import keras
import numpy as np
import pytest

import tp_visualisation as tpv
from tp_visualisation.images import resize
from tp_visualisation.networks import build_network, find_weights, keras_applications, names
from tp_visualisation.networks.keras_applications import APPLICATIONS

MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])  # of ImageNet, in [0, 1]
FORMULAS = {
    "resnet50v2": lambda rgb: rgb / 127.5 - 1,
    "vgg16": lambda rgb: rgb[..., ::-1] - (103.939, 116.779, 123.68),  # BGR
    "resnet50": lambda rgb: rgb[..., ::-1] - (103.939, 116.779, 123.68),
    "mobilenet_v2": lambda rgb: rgb / 127.5 - 1,
    "inception_v3": lambda rgb: rgb / 127.5 - 1,
    "densenet121": lambda rgb: (rgb / 255 - MEAN) / STD,
    "efficientnet_v2_b0": lambda rgb: rgb,  # the network rescales by itself
}
SMALL = ["mobilenet_v2", "efficientnet_v2_b0"]


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """MobileNetV2 with random weights, and the file that they were saved in."""
    classifier = tpv.load_classifier("mobilenet_v2", weights=None)
    rng = np.random.default_rng(0)  # Keras' random weights give scores of 1e-12
    weights = classifier.model.get_weights()
    classifier.model.set_weights([*weights[:-2], rng.normal(0, 1e8, weights[-2].shape), rng.normal(0, 1, 1000)])
    path = tmp_path_factory.mktemp("weights") / "mobilenet.weights.h5"
    classifier.model.save_weights(path)
    return classifier, path


def test_every_network_that_was_promised_is_there():
    promised = {"resnet50v2", "vgg16", "resnet50", "mobilenet_v2", "inception_v3", "densenet121", "efficientnet_v2_b0"}
    assert promised <= set(names())
    assert set(FORMULAS) == set(APPLICATIONS)


@pytest.mark.parametrize("name", APPLICATIONS)
def test_preprocessing_is_that_of_the_network(name, monkeypatch):
    built = []
    monkeypatch.setattr(keras.applications, APPLICATIONS[name].function, lambda weights: built.append(weights))
    _, preprocess, labels = keras_applications.build(name, weights=None)
    assert labels is None
    assert built == [None]

    images = np.random.default_rng(0).uniform(0, 255, (2, 5, 7, 3)).astype(np.float32)
    expected = FORMULAS[name](images.astype(np.float64))
    np.testing.assert_allclose(preprocess(images.copy()), expected, atol=1e-4)
    theirs = importlib.import_module(f"keras.applications.{APPLICATIONS[name].module}").preprocess_input
    np.testing.assert_array_equal(preprocess(images.copy()), theirs(images.copy()))


@pytest.mark.parametrize("name", SMALL)
def test_network_without_weights_works_end_to_end(name, image):
    classifier = tpv.load_classifier(name, weights=None)
    before = image.copy()
    assert classifier.name == name
    assert classifier.input_size == (224, 224)
    assert len(classifier.labels) == 1000
    x = FORMULAS[name](resize(image, (224, 224)).astype(np.float64))
    np.testing.assert_allclose(classifier.prepare(image)[0], x, atol=1e-3)
    theirs = np.asarray(classifier.model(x[None].astype(np.float32), training=False))
    np.testing.assert_allclose(classifier.probabilities(image), theirs, atol=1e-5)
    np.testing.assert_array_equal(image, before)


def test_network_of_the_course_goes_all_the_way_to_a_map_with_weights_from_a_file(image, tmp_path):
    classifier = tpv.load_classifier("resnet50v2", weights=None)
    classifier.model.save_weights(tmp_path / "resnet50v2.weights.h5")
    again = tpv.load_classifier("resnet50v2", weights=tmp_path / "resnet50v2.weights.h5")
    options = {"n_masks": 8, "design": "random", "grid_size": 28, "shift": False, "top_k": 3}
    target = classifier.top(image)[0].index
    ours, theirs = (tpv.saliency.rise(network, image, target, **options) for network in (again, classifier))
    assert ours.shape == (60, 80)
    assert ours.max() > 0
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_inception_takes_299_pixels():
    """The one size that is not 224."""
    model = keras.applications.InceptionV3(weights=None)
    assert tpv.Classifier(model).input_size == (299, 299)


def test_weights_file_gives_the_same_scores(saved, image):
    classifier, path = saved
    for source in (path, str(path)):
        again = tpv.load_classifier("mobilenet_v2", weights=source)
        for ours, theirs in zip(again.model.get_weights(), classifier.model.get_weights(), strict=True):
            np.testing.assert_array_equal(ours, theirs)
        np.testing.assert_allclose(again.probabilities(image), classifier.probabilities(image), rtol=1e-5)


def test_weights_file_of_the_embedded_network_is_read_too(embedded, tmp_path, image):
    embedded.model.save_weights(tmp_path / "lite0.weights.h5")
    again = tpv.load_classifier("efficientnet_lite0", weights=tmp_path / "lite0.weights.h5")
    np.testing.assert_allclose(again.scores(image), embedded.scores(image), atol=1e-4)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Keras also warns, layer by layer
@pytest.mark.parametrize("name", ["efficientnet_v2_b0", "efficientnet_lite0"])
def test_weights_of_another_network_are_refused(name, saved):
    with pytest.raises(ValueError, match=f'mobilenet.weights.h5" does not hold weights of {name}.*save_weights'):
        tpv.load_classifier(name, weights=saved[1])


@pytest.mark.parametrize("file", ["notes.weights.h5", "notes.h5", "notes.keras", "notes.txt"])
def test_what_is_no_weights_file_is_refused(file, tmp_path):
    (tmp_path / file).write_text("not weights")
    with pytest.raises(ValueError, match=f'{file}" does not hold weights of mobilenet_v2'):
        tpv.load_classifier("mobilenet_v2", weights=tmp_path / file)


@pytest.mark.parametrize("name", ["mobilenet_v2", "efficientnet_lite0"])
def test_missing_weights_file_is_named(name, tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no weights file .*nowhere.h5"):
        tpv.load_classifier(name, weights=tmp_path / "nowhere.h5")


@pytest.mark.parametrize("failure", [socket.gaierror(-3, "Temporary failure in name resolution"), TimeoutError()])
def test_without_a_connection_the_error_names_the_ways_out(failure, monkeypatch):
    """The download fails as Keras makes it fail: with a bare Exception, whatever the reason."""
    patience = []

    def fail(weights):
        patience.append(socket.getdefaulttimeout())
        raise Exception(f"URL fetch failure on https://example.org/weights.h5: None -- {failure}") from failure

    monkeypatch.setattr(keras.applications, "MobileNetV2", fail)
    with pytest.raises(OSError, match="weights of mobilenet_v2 are not on this computer") as caught:
        tpv.load_classifier("mobilenet_v2")
    for way_out in (
        "Connect to the Internet once",
        "weights=PATH",
        "weights=None",
        'load_classifier("efficientnet_lite0")',
    ):
        assert way_out in str(caught.value)
    assert patience[0] <= 10  # seconds
    assert socket.getdefaulttimeout() is None


def test_failure_without_words_is_reported_too(monkeypatch):
    def fail(weights):
        raise ConnectionResetError

    monkeypatch.setattr(keras.applications, "MobileNetV2", fail)
    with pytest.raises(OSError, match=r"could not be downloaded \(ConnectionResetError\)"):
        tpv.load_classifier("mobilenet_v2")


def test_downloaded_weights_are_found_without_loading_them(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    names = {
        "resnet50v2": "resnet50v2_weights_tf_dim_ordering_tf_kernels.h5",
        "vgg16": "vgg16_weights_tf_dim_ordering_tf_kernels.h5",
        "resnet50": "resnet50_weights_tf_dim_ordering_tf_kernels.h5",
        "mobilenet_v2": "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5",
        "inception_v3": "inception_v3_weights_tf_dim_ordering_tf_kernels.h5",
        "densenet121": "densenet121_weights_tf_dim_ordering_tf_kernels.h5",
        "efficientnet_v2_b0": "efficientnetv2-b0.h5",
    }
    (tmp_path / "models").mkdir()
    for name, file in names.items():
        headless = {
            "mobilenet_v2": file.replace(".h5", "_no_top.h5"),
            "efficientnet_v2_b0": "efficientnetv2-b0_notop.h5",
        }
        (tmp_path / "models" / headless.get(name, file.replace(".h5", "_notop.h5"))).touch()
        assert find_weights(name) is None
        (tmp_path / "models" / file).touch()
        assert find_weights(name).name == file


def test_misspelt_network_gets_the_nearest_names():
    assert build_network("MobileNet V2", weights=None)[0] == "mobilenet_v2"
    with pytest.raises(ValueError, match='no network "resnet5O". Closest: "resnet50"'):
        tpv.load_classifier("resnet5O")
