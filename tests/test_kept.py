"""Kept conversions: what they compute, when TensorFlow is waited for, and when they are not to be taken."""

import copy
import importlib.util
import os
import pickle
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import tp_visualisation as tpv
from tp_visualisation import conversions, kept, loading, steps
from tp_visualisation.classifier import Classifier
from tp_visualisation.networks.efficientnet_lite import VARIANTS

pytestmark = pytest.mark.skipif(importlib.util.find_spec("openvino") is None, reason="OpenVINO is not installed")
FEW = {"n_masks": 64, "tolerance": 0}


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder / "tp_visualisation" / "openvino"


@pytest.fixture
def waiting():
    """A classifier that was not built yet, whose scores and map of RISE are kept."""
    classifier = tpv.load_classifier(engine="openvino")
    image = tpv.sample_images()["dalmatian"].image
    classifier.top(image), tpv.saliency.rise(classifier, image, 251, **FEW)
    return tpv.load_classifier(engine="openvino")


PROGRAM = """
import sys
import numpy as np
import tp_visualisation as tpv

classifier = tpv.load_classifier(engine="openvino")
image = tpv.sample_images()["dalmatian"].image
np.savez(sys.argv[1], top=[p.probability for p in classifier.top(image)], scores=classifier.scores([image] * 3),
         rise=tpv.saliency.rise(classifier, image, n_masks=64, tolerance=0),
         occlusion=tpv.saliency.occlusion(classifier, image, "dalmatian", stride=32))
print(sorted({"tensorflow", "keras"} & set(sys.modules)))
"""


def test_the_second_process_needs_no_tensorflow_and_gives_the_same(tmp_path, own_cache):
    said = []
    for run in (1, 2):
        command = [sys.executable, "-c", PROGRAM, str(tmp_path / f"{run}.npz")]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        said.append(done.stdout)
        assert done.stderr == ""
    assert said == ["['keras', 'tensorflow']\n", "[]\n"]
    first, second = (dict(np.load(tmp_path / f"{run}.npz")) for run in (1, 2))
    for name in first:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)


@pytest.mark.parametrize("name", VARIANTS)
def test_what_is_known_beforehand_is_what_the_built_network_says(name):
    waits, built = tpv.load_classifier(name, engine="openvino"), tpv.load_classifier(name)
    assert isinstance(waits, kept.KeptClassifier)
    for attribute in ("name", "input_size", "output_shape", "activation", "labels", "preprocess"):
        assert getattr(waits, attribute) == getattr(built, attribute), attribute
    assert waits.feature_layers == built.feature_layers


def test_scores_and_maps_are_those_of_the_whole_classifier(waiting, embedded, dalmatian):
    assert type(waiting) is kept.KeptClassifier
    np.testing.assert_allclose(waiting.scores(dalmatian), embedded.scores(dalmatian), atol=1e-4)
    maps = [tpv.saliency.rise(each, dalmatian, 251, **FEW) for each in (waiting, embedded)]
    np.testing.assert_allclose(*maps, atol=1e-4)
    assert type(waiting) is kept.KeptClassifier
    assert repr(waiting) == "Classifier('efficientnet_lite0', 1000 classes, input 224 x 224, openvino)"


def test_with_few_digits_scores_keep_all_of_theirs(embedded, dalmatian):
    for _ in ("converted", "kept"):
        few = tpv.load_classifier(engine="openvino-bf16")
        np.testing.assert_allclose(few.scores(dalmatian), embedded.scores(dalmatian), atol=1e-4)
        np.testing.assert_allclose(few.run(steps.scores, few.prepare(dalmatian)), few.scores(dalmatian), atol=1.0)
        assert not np.array_equal(few.run(steps.scores, few.prepare(dalmatian)), few.scores(dalmatian))


@pytest.mark.parametrize("method", ["gradient", "grad_cam", "score_cam", "excitation_backprop", "quadtree_occlusion"])
def test_a_method_that_needs_more_than_was_kept_gets_it(waiting, embedded, dalmatian, method):
    maps = [tpv.saliency.METHODS[method](each, dalmatian, 251) for each in (waiting, embedded)]
    np.testing.assert_allclose(maps[0], maps[1], rtol=0.01, atol=1e-3 * np.abs(maps[1]).max())


def test_new_weights_are_explained(waiting, dalmatian):
    held = waiting.engine
    before = waiting.scores(dalmatian)
    head = waiting.model.get_layer("scores")
    assert type(waiting) is Classifier
    head.set_weights([2 * weight for weight in head.get_weights()])
    np.testing.assert_allclose(waiting.scores(dalmatian), 2 * before, rtol=1e-4, atol=1e-3)
    expected = tpv.Classifier(waiting.model, waiting.preprocess).probabilities(dalmatian)[0, 251]
    ones = np.ones((1, *waiting.input_size))
    for each in (waiting, tpv.load_classifier(engine="openvino")):  # what is kept is that of the published weights
        found = tpv.saliency.rise(each, dalmatian, 251, masks=ones, shift=False).max()
        assert (abs(found - expected) < 1e-4) == (each is waiting)
    held_scores = held.run(steps.scores, waiting.prepare(dalmatian))  # by who kept the engine of before
    np.testing.assert_allclose(held_scores, 2 * before, rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize("other", [copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])
def test_a_copy_is_a_whole_classifier(waiting, dalmatian, other):
    waiting.name = "mine"
    there = other(waiting)
    assert (type(there), there.name) == (Classifier, "mine")
    assert there.top(dalmatian)[0].label == "dalmatian"


def test_what_the_user_set_stays(waiting, dalmatian):
    waiting.labels = tpv.labels.class_labels([f"classe {number}" for number in range(1000)], 1000)
    waiting.note = 1
    assert waiting.model is not None
    assert (waiting.top(dalmatian)[0].label, waiting.note) == ("classe 251", 1)


def test_its_engine_can_be_copied(waiting, dalmatian):
    engine = copy.deepcopy(waiting.engine)
    np.testing.assert_allclose(
        engine.run(steps.scores, waiting.prepare(dalmatian)), waiting.scores(dalmatian), atol=1e-3
    )


PRECISE = """
import sys
import keras
import tp_visualisation as tpv

keras.config.set_dtype_policy(sys.argv[1])
classifier = tpv.load_classifier(engine="openvino")
print(type(classifier).__name__, tpv.saliency.rise(classifier, tpv.sample_images()["dalmatian"].image, 251, n_masks=64,
      tolerance=0).max())
"""


def test_networks_of_other_numbers_are_kept_apart(tmp_path):
    """Of all that use a cache folder, one may have told Keras to compute in other numbers."""
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path)}
    said = [
        subprocess.run(
            [sys.executable, "-c", PRECISE, policy], check=True, capture_output=True, text=True, env=environment
        ).stdout.split()
        for policy in ("mixed_bfloat16", "float32", "mixed_bfloat16")
    ]
    assert [name for name, _ in said] == ["Classifier", "KeptClassifier", "Classifier"]
    assert said[0] == said[2] != said[1]


def test_keras_told_otherwise_in_its_file_or_in_the_meantime(waiting, dalmatian, tmp_path, monkeypatch, own_cache):
    import keras

    try:
        keras.config.set_dtype_policy("mixed_bfloat16")
        kept_now = set(own_cache.iterdir())
        inputs = waiting.prepare(dalmatian)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # OpenVINO computes in more digits than Keras was told to
            waiting.run(steps.scores, inputs[:, :192, :192])
        assert waiting._identity is None
        keras.config.set_dtype_policy("float32")
        monkeypatch.setattr(sys, "modules", {name: there for name, there in sys.modules.items() if name != "keras"})
        monkeypatch.setenv("KERAS_HOME", str(tmp_path))
        for text, usual in (
            ("{", True),
            ("[]", True),
            ('{"floatx": "float32"}', True),
            ('{"floatx": "float16"}', False),
        ):
            (tmp_path / "keras.json").write_text(text, encoding="utf-8")
            assert kept._keras_is_as_usual() is usual
    finally:
        keras.config.set_dtype_policy("float32")
    assert len(set(own_cache.iterdir()) - kept_now) <= 1


def test_a_damaged_weights_file_is_said_when_it_is_loaded(tmp_path, monkeypatch):
    damaged = tmp_path / "weights.pth"
    damaged.write_bytes(b"torn download")
    monkeypatch.setattr(kept.efficientnet_lite, "find_weights", lambda name: damaged)
    with pytest.raises(ValueError, match="weights"):
        tpv.load_classifier(engine="openvino")


def test_live_weights_and_target_functions_are_followed(waiting, dalmatian):
    live = waiting.with_live_weights()
    head = live.model.get_layer("scores")
    before = live.scores(dalmatian)
    head.set_weights([3 * weight for weight in head.get_weights()])
    np.testing.assert_allclose(live.scores(dalmatian), 3 * before, rtol=1e-4, atol=1e-3)


def test_a_target_function_makes_another_classifier(waiting, embedded, dalmatian):
    maps = [tpv.saliency.rise(each, dalmatian, lambda s: s[:, 251] - s[:, 246], **FEW) for each in (waiting, embedded)]
    np.testing.assert_allclose(*maps, atol=1e-2)


def test_what_was_spoilt_is_made_anew(waiting, dalmatian, own_cache):
    expected = waiting.scores(dalmatian)
    for file in own_cache.rglob("names.json"):
        file.write_text("[]", encoding="utf-8")
    other = tpv.load_classifier(engine="openvino")
    np.testing.assert_array_equal(other.scores(dalmatian), expected)
    assert other._built is not None
    assert tpv.load_classifier(engine="openvino").scores(dalmatian)[0, 251] == expected[0, 251]


def test_a_cache_that_may_only_be_read_is_read(waiting, dalmatian, monkeypatch):
    def refused(path):
        raise PermissionError(path)

    monkeypatch.setattr(os, "utime", refused)
    waiting.scores(dalmatian)
    assert waiting._built is None


def test_what_openvino_cannot_run_any_more_tensorflow_runs(waiting, embedded, dalmatian, monkeypatch):
    def stumbles(self, arrays):
        raise RuntimeError("no memory")

    monkeypatch.setattr(conversions.Conversion, "__call__", stumbles)
    with pytest.warns(UserWarning, match="OpenVINO fails here .*no memory"):
        np.testing.assert_allclose(waiting.scores(dalmatian), embedded.scores(dalmatian), atol=1e-4)


def test_the_oldest_conversions_go(own_cache, waiting, dalmatian, monkeypatch):
    waiting.scores(dalmatian)
    kept_now = {path.name for path in own_cache.iterdir()}
    for number in range(3):
        (own_cache / f"old{number}").mkdir()
        (own_cache / f"old{number}" / "sha256").touch()
        os.utime(own_cache / f"old{number}" / "sha256", (number, number))
    (own_cache / "somebody's").mkdir()
    monkeypatch.setattr(conversions, "MOST", len(kept_now) + 2)
    waiting.run(doubled, waiting.prepare(dalmatian))  # one more is kept
    left = {path.name for path in own_cache.iterdir()}
    assert left >= kept_now | {"old2", "somebody's"}
    assert not left & {"old0", "old1"}


def doubled(network, inputs):
    return 2 * network.scores(inputs)


def test_a_step_of_ones_own_is_not_kept_under_its_name(waiting, dalmatian, own_cache):
    """Its file is no part of the package, and may change."""
    inputs = waiting.prepare(dalmatian)
    np.testing.assert_allclose(waiting.run(doubled, inputs), 2 * waiting.input_scores(inputs), rtol=1e-3, atol=1e-3)
    here = [np.zeros((1, 224, 224, 3), np.float32)]
    assert conversions.folder_of_step("x", doubled, here, {}, "f32") is None
    assert conversions.folder_of_step("x", lambda network: network, here, {}, "f32") is None
    assert conversions.folder_of_step("x", steps.scores, here, {"by": doubled}, "f32") is None


def test_another_network_step_option_size_precision_or_version_is_kept_elsewhere(monkeypatch):
    def folder(identity="a", step=steps.scores, size=224, n=1, precision="f32", **options):
        return conversions.folder_of_step(identity, step, [np.zeros((n, size, size, 3))], options, precision)

    assert folder(n=5) == folder()
    others = [folder("b"), folder(step=steps.input_gradient), folder(size=225), folder(precision="bf16"), folder(k=3)]
    monkeypatch.setattr("openvino.__version__", "0")
    others.append(folder())
    assert len({folder(n=5), *others}) == 6
    monkeypatch.undo()
    assert folder() not in others


def test_a_change_of_the_package_or_its_libraries_is_another_network(monkeypatch, tmp_path):
    identity = conversions.identity_of.__wrapped__
    found = {identity("weights"), identity("others")}
    monkeypatch.setattr("importlib.metadata.version", lambda package: "0")
    found.add(identity("weights"))
    copied = tmp_path / "package"
    copied.mkdir()
    for path in Path(conversions.__file__).parent.glob("*.py"):
        (copied / path.name).write_text(path.read_text(encoding="utf-8") + "# a change\n", encoding="utf-8")
    monkeypatch.setattr(conversions, "__file__", str(copied / "conversions.py"))
    found.add(identity("weights"))
    assert len(found) == 4

    def missing(package):
        raise importlib.metadata.PackageNotFoundError(package)

    monkeypatch.setattr("importlib.metadata.version", missing)
    assert identity("weights") is None


@pytest.mark.parametrize(
    ("devices", "hidden", "platform", "may"),
    [
        ((), None, "linux", False),
        (("nvidiactl",), None, "linux", True),
        (("nvidiactl",), "-1", "linux", False),
        (("nvidiactl",), "", "linux", False),
        (("nvidiactl",), "0", "linux", True),
        (("dxg",), None, "linux", True),
        ((), None, "darwin", True),
    ],
)
def test_where_there_may_be_a_gpu_tensorflow_is_asked(devices, hidden, platform, may, tmp_path, monkeypatch):
    for device in devices:
        (tmp_path / device).touch()
    monkeypatch.setattr(kept, "GPU_DEVICES", [str(tmp_path / name) for name in ("nvidiactl", "dxg", "kfd")])
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(kept, "computes_in_bf16", lambda: True)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if hidden is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    assert kept.may_have_gpu() == may
    found = kept.kept_classifier("efficientnet_lite0", "imagenet", "fastest", None)
    assert (found is None) == may
    if not may:
        assert (found.engine.name, found.engine.reason) == ("openvino-bf16", conversions.IN_BF16)


def test_others_are_built_at_once(monkeypatch, tmp_path):
    def waits(name="efficientnet_lite0", weights="imagenet", engine="openvino"):
        return kept.kept_classifier(name, weights, engine, None) is not None

    assert waits()
    assert waits(engine="openvino-bf16")
    assert not waits(engine="tensorflow")
    assert not waits(engine="no such engine")
    assert not waits(weights=None)
    assert not waits(weights=tmp_path / "imagenet")
    assert not waits("mobilenet_v2")
    with monkeypatch.context() as patch:
        patch.setattr(kept, "computes_in_bf16", lambda: False)
        assert not waits(engine="fastest")
    with monkeypatch.context() as patch:
        patch.setattr(kept.efficientnet_lite, "find_weights", lambda name: None)
        assert not waits()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert not waits()


def test_threads_build_it_once(waiting, dalmatian, monkeypatch):
    from concurrent.futures import ThreadPoolExecutor

    built, build = [], loading.build_network
    monkeypatch.setattr(loading, "build_network", lambda *arguments: built.append(1) or build(*arguments))
    with ThreadPoolExecutor(4) as pool:
        maps = list(pool.map(lambda _: tpv.saliency.gradient(waiting, dalmatian, 251), range(4)))
    assert len(built) == 1
    for each in maps[1:]:
        np.testing.assert_allclose(each, maps[0], rtol=1e-4, atol=1e-6)


def test_an_attribute_that_no_classifier_has_builds_nothing(waiting):
    assert not hasattr(waiting, "_repr_html_")
    with pytest.raises(AttributeError, match="'Classifier' object has no attribute 'lables'"):
        waiting.lables  # noqa: B018 (a misspelling)
    assert waiting._built is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_process_forked_after_it_has_computed_says_so(tmp_path):
    code = (
        "import os, tp_visualisation as tpv; c = tpv.load_classifier(engine='openvino'); "
        "i = tpv.sample_images()['dalmatian'].image; c.top(i); child = os.fork()\n"
        "if child == 0:\n    try:\n        c.top(i)\n    except RuntimeError as error:\n"
        "        print(error, flush=True)\n"
        "    os._exit(0)\nos.waitpid(child, 0)"
    )
    for _ in range(2):  # with TensorFlow, and without
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=120)
        assert done.stdout.startswith("this process was forked after ")
