"""The networks of Keras Applications: preprocessing, sizes, weights files, no connection."""

import importlib
import inspect
import socket
from unittest.mock import MagicMock

import keras
import numpy as np
import pytest

import tp_visualisation as tpv
from tp_visualisation.images import resize
from tp_visualisation.networks import build_network, find_weights, keras_applications, names
from tp_visualisation.networks.keras_applications import APPLICATIONS

MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])  # of ImageNet, in [0, 1]


def caffe(rgb):
    return rgb[..., ::-1] - (103.939, 116.779, 123.68)  # BGR


def signed(rgb):
    return rgb / 127.5 - 1


def standardised(rgb):
    return (rgb / 255 - MEAN) / STD


def as_it_is(rgb):
    return rgb  # the network rescales by itself


FORMULAS = {  # by how the name begins
    "vgg": caffe,
    "resnet50": caffe,
    "resnet101": caffe,
    "resnet152": caffe,
    "resnet50v2": signed,
    "resnet101v2": signed,
    "resnet152v2": signed,
    "inception": signed,
    "xception": signed,
    "mobilenet": signed,
    "mobilenet_v3": as_it_is,
    "densenet": standardised,
    "nasnet": signed,
    "efficientnet": as_it_is,
    "convnext": as_it_is,
}
SIZES = {  # those that are not 224, from the papers
    **dict.fromkeys(["inception_v3", "inception_resnet_v2", "xception"], 299),
    "nasnet_large": 331,
    **{f"efficientnet_b{n}": size for n, size in enumerate([224, 240, 260, 300, 380, 456, 528, 600])},
    **{f"efficientnet_v2_b{n}": size for n, size in enumerate([224, 240, 260, 300])},
    **{"efficientnet_v2_s": 384, "efficientnet_v2_m": 480, "efficientnet_v2_l": 480},
}
SMALL = ["mobilenet_v2", "mobilenet_v3_small", "efficientnet_v2_b0"]
HAND_WRITTEN = ["resnet50v2", "vgg16", "resnet50", "mobilenet_v2", "inception_v3", "densenet121", "efficientnet_v2_b0"]


def formula(name):
    return FORMULAS[max(filter(name.startswith, FORMULAS), key=len)]


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


def test_the_table_has_every_network_that_keras_has():
    """A network of Keras is a function that takes `weights`, in a module with `preprocess_input`."""
    known = {}
    for function, thing in vars(keras.applications).items():
        if inspect.isfunction(thing) and "weights" in inspect.signature(thing).parameters:
            known[function] = thing.__module__.rsplit(".", 1)[1]
    assert len(known) >= 40
    assert {entry.function: entry.module for entry in APPLICATIONS.values()} == known
    assert len(APPLICATIONS) == len(known)


def test_names_are_those_of_keras_in_small_letters():
    for name, entry in APPLICATIONS.items():
        assert name.replace("_", "") == entry.function.lower()
        assert name == name.lower()
    assert set(HAND_WRITTEN) <= set(names())


@pytest.mark.parametrize("name", APPLICATIONS)
def test_preprocessing_is_that_of_the_network(name, monkeypatch):
    built = []
    theirs = importlib.import_module(f"keras.applications.{APPLICATIONS[name].module}").preprocess_input
    monkeypatch.setattr(keras.applications, APPLICATIONS[name].function, lambda **options: built.append(options))
    _, preprocess, labels = keras_applications.build(name, weights=None)
    assert labels is None
    size = SIZES.get(name, 224)
    assert built == [{"weights": None, "input_shape": (size, size, 3)}]

    images = np.random.default_rng(0).uniform(0, 255, (2, 5, 7, 3)).astype(np.float32)
    expected = formula(name)(images.astype(np.float64))
    np.testing.assert_allclose(preprocess(images.copy()), expected, atol=1e-4)
    np.testing.assert_array_equal(preprocess(images.copy()), theirs(images.copy()))


class NoLayers:
    """In the place of `keras.layers`: every layer gives the same tensor. Remembers the shape of the input."""

    tensor = keras.KerasTensor((None, 8, 8, 8))
    shape = None

    def __getattr__(self, kind):
        if kind.islower():  # add, concatenate
            return lambda *inputs, **options: self.tensor
        return lambda *args, **options: lambda *inputs, **other: self.tensor

    def Input(self, shape, **options):
        self.shape = shape
        return self.tensor


@pytest.fixture
def keras_without_layers(monkeypatch):
    """Keras' own functions run, but build nothing: the networks of a billion weights too. Files that they ask for."""
    layers, asked = NoLayers(), []

    def get_file(name, origin, *, cache_subdir, **options):
        asked.append((cache_subdir, name))

    for entry in {entry.module for entry in APPLICATIONS.values()}:
        source = importlib.import_module(f"keras.src.applications.{entry}")
        monkeypatch.setattr(source, "layers", layers, raising=False)
        for kind in ("Sequential", "LayerScale"):
            monkeypatch.setattr(source, kind, getattr(layers, kind), raising=False)
        monkeypatch.setattr(source, "Functional", MagicMock(), raising=False)
    monkeypatch.setattr("keras.src.utils.file_utils.get_file", get_file)
    return layers, asked


@pytest.mark.parametrize("name", APPLICATIONS)
def test_downloaded_weights_are_found_under_the_name_that_keras_gives_them(
    name, keras_without_layers, tmp_path, monkeypatch
):
    layers, asked = keras_without_layers
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    keras_applications.build(name, "imagenet")
    size = SIZES.get(name, 224)
    assert layers.shape == (size, size, 3)
    ((folder, file),) = asked
    (tmp_path / folder).mkdir()
    for headless in (file.replace(".h5", "_notop.h5"), file.replace(".h5", "_no_top.h5")):
        (tmp_path / folder / headless).touch()
        assert find_weights(name) is None
    (tmp_path / folder / file).touch()
    assert find_weights(name) == tmp_path / folder / file
    assert [other for other in APPLICATIONS if find_weights(other)] == [name]


@pytest.mark.parametrize("name", [name for name, size in SIZES.items() if size != 224])
def test_the_size_is_the_one_that_keras_takes_by_itself(name, keras_without_layers):
    layers, _ = keras_without_layers
    getattr(keras.applications, APPLICATIONS[name].function)(weights=None)
    assert layers.shape == (SIZES[name], SIZES[name], 3)


@pytest.mark.parametrize("name", SMALL)
def test_network_without_weights_works_end_to_end(name, image):
    classifier = tpv.load_classifier(name, weights=None)
    before = image.copy()
    assert classifier.name == name
    assert classifier.input_size == (224, 224)
    assert len(classifier.labels) == 1000
    x = formula(name)(resize(image, (224, 224)).astype(np.float64))
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


@pytest.mark.filterwarnings("error::UserWarning")  # Keras would warn, layer by layer
@pytest.mark.parametrize("name", ["efficientnet_v2_b0", "efficientnet_lite0"])
def test_weights_of_another_network_are_refused(name, saved):
    with pytest.raises(
        ValueError, match=f'mobilenet.weights.h5" does not hold weights of {name}: the layer .* there\\. A'
    ):
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

    def fail(weights, input_shape):
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
    def fail(weights, input_shape):
        raise ConnectionResetError

    monkeypatch.setattr(keras.applications, "MobileNetV2", fail)
    with pytest.raises(OSError, match=r"could not be downloaded \(ConnectionResetError\)"):
        tpv.load_classifier("mobilenet_v2")


def test_a_folder_is_no_weights_file(tmp_path):
    with pytest.raises(ValueError, match="are a folder: the path of a file"):
        tpv.load_classifier("mobilenet_v2", weights=tmp_path)


def test_misspelt_network_gets_the_nearest_names():
    assert build_network("MobileNet V2", weights=None)[0] == "mobilenet_v2"
    with pytest.raises(ValueError, match='no network "resnet5O". Closest: "resnet50"'):
        tpv.load_classifier("resnet5O")
