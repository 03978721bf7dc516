"""A new method, a new metric, a new family of networks: one entry each, and everything that walks the tables has it."""

import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

import tp_visualisation as tpv
from tp_visualisation import cli
from tp_visualisation.evaluation import METRICS, Metric
from tp_visualisation.networks import FAMILIES, BuiltNetwork, Family
from tp_visualisation.saliency import BATCHED, METHODS, Batch

CONTRACT = SimpleNamespace(**runpy.run_path(str(Path(__file__).parent / "saliency" / "test_methods.py")))


def redness(classifier, image, target=None, *, channel=0):
    """A toy method: how red the image is, whatever the class."""
    classifier, image, target = classifier.check(image, target)
    return image[..., channel]


def redness_batch(classifier, images, target, *, channel=0):
    return Batch(np.asarray(images)[..., channel])


def spread(subject):
    """A toy metric: the standard deviation of the map."""
    return float(subject.saliency_map.std())


def build(name, weights):
    """A toy network: three scores, the means of the colours."""
    inputs = keras.Input((16, 16, 3))
    return BuiltNetwork(
        keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(inputs)), None, ["red", "green", "blue"]
    )


@pytest.fixture(autouse=True)
def toys(monkeypatch):
    """The three entries, for one test."""
    monkeypatch.setitem(METHODS, "redness", redness)
    monkeypatch.setitem(BATCHED, "redness", redness_batch)
    monkeypatch.setitem(METRICS, "spread", Metric("spread", ("spread",), "↓", "", "mean", spread))
    family = Family(("toy_mean",), build, lambda name: None, "is made on the spot")
    monkeypatch.setattr("tp_visualisation.networks.FAMILIES", [*FAMILIES, family])


@pytest.fixture
def tpvis(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["tpvis", *arguments])
        with pytest.raises(SystemExit) as exit_info:
            cli.main()
        captured = capsys.readouterr()
        assert not exit_info.value.code, captured.err
        return captured.out

    return run


def test_the_command_line_has_them(tpvis, tmp_path):
    assert "toy_mean             is made on the spot" in tpvis("networks")
    out = tpvis("explain", "dalmatian", "--network", "toy_mean", "--methods", "redness", "--target", "blue")
    assert {line.split()[-1] for line in out.splitlines()[:3]} == {"red", "green", "blue"}
    assert (tmp_path / "dalmatian_redness.png").stat().st_size > 10_000
    options = ["--network", "toy_mean", "--target", "predicted", "--limit", "2"]
    out = tpvis("evaluate", "samples", "--methods", "redness", "--metrics", "spread,deletion", *options)
    assert "spread ↓" in out
    assert (tmp_path / "results.csv").read_text(encoding="utf-8").count("redness,spread,") == 2


def test_a_benchmark_has_them():
    classifier = tpv.load_classifier("toy_mean")
    images = tpv.sample_images()[:2]
    result = tpv.evaluation.benchmark(classifier, list(images), ["redness"], ["spread"], target="predicted")
    expected = [images[number].image[..., 0].astype(np.float32).std() for number in (0, 1)]
    np.testing.assert_allclose([row.value for row in result.rows], expected, rtol=1e-6)
    assert "spread ↓" in result.markdown()
    by_function = tpv.evaluation.benchmark(classifier, list(images), [redness], [METRICS["spread"]], target="predicted")
    assert [row.value for row in by_function.rows] == [row.value for row in result.rows]


def test_the_contract_of_methods_holds_for_it(pooled, nested, image):
    CONTRACT.test_map_is_finite_float32_of_the_size_of_the_image_and_the_image_is_left_alone("redness", nested)
    CONTRACT.test_map_depends_on_the_image("redness", pooled, image)
    CONTRACT.test_constant_image_gives_a_finite_map("redness", pooled)
    CONTRACT.test_unknown_class_is_refused("redness", pooled, image)
    CONTRACT.test_a_class_may_be_given_by_its_label("redness", nested)
    CONTRACT.test_many_at_once_give_the_map_of_each("redness", nested)


def test_sess_and_the_sanity_check_take_it_by_name(pooled, image):
    by_name = tpv.saliency.sess(pooled, image, 1, base="redness", base_options={"channel": 2}, n_scales=1)
    alone = tpv.saliency.sess(pooled, image, 1, base=lambda c, i, t: i[..., 2], n_scales=1)
    np.testing.assert_allclose(by_name, alone, atol=1e-6)
    steps = tpv.evaluation.cascading_randomization(pooled, image, 1, method="redness", layers=1)
    assert steps[0].spearman[0] == pytest.approx(1)  # it does not look at the network
