"""Networks that cannot do everything: what they cannot is a sentence, what they can is shown."""

import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest

import tp_visualisation as tpv
from tp_visualisation.explorer.page import VIEWS

from .conftest import settled


def opened(classifier, view, photograph):
    explorer = tpv.explore(classifier, photograph, view=view)
    assert explorer.worker.wait(120)
    return explorer


@pytest.fixture
def black_box():
    return tpv.Classifier(
        function=lambda x: np.stack([x.mean((1, 2, 3)) / 255, 1 - x.mean((1, 2, 3)) / 255], 1), input_size=16
    )


@pytest.fixture
def opened_small(small, photograph):
    return settled(opened(small, "ask", photograph))


@pytest.fixture
def regression(small):
    return tpv.Classifier(small.model, small.preprocess, input_size=(24, 32), activation=None)


@pytest.fixture
def flat():
    inputs = keras.Input((16, 16, 3))
    outputs = keras.layers.Dense(3, activation="softmax")(keras.layers.Flatten()(inputs))
    return tpv.Classifier(keras.Model(inputs, outputs), lambda x: x / 255, ["class 0", "class 1", "class 2"])


@pytest.fixture
def segmentation():
    inputs = keras.Input((16, 16, 3))
    return tpv.Classifier(keras.Model(inputs, keras.layers.Conv2D(3, 1)(inputs)))


def test_a_black_box_has_no_map_of_gradients_and_says_so(black_box, photograph):
    explorer = opened(black_box, "ask", photograph)
    assert "needs" in explorer.keep.problem or "no " in explorer.keep.problem
    explorer.view.method.method.value = "occlusion"
    settled(explorer)
    np.testing.assert_allclose(
        explorer.view.maps[0].saliency_map, tpv.saliency.occlusion(black_box, photograph), atol=1e-6
    )
    explorer.shown.value = "dream"
    explorer.worker.wait(60)
    assert explorer.keep.problem


def test_a_network_without_feature_maps_says_so_and_has_other_maps(flat, photograph):
    explorer = opened(flat, "ask", photograph)
    assert "this model has no feature map" in explorer.keep.problem
    explorer.view.method.method.value = "gradient"
    settled(explorer)
    np.testing.assert_allclose(explorer.view.maps[0].saliency_map, tpv.saliency.gradient(flat, photograph), rtol=1e-4)
    explorer.shown.value = "hide"
    explorer.worker.wait(60)
    assert "this model has no feature map" in explorer.keep.problem
    assert "class 1" in explorer.view._bars.value  # the brush works all the same
    explorer.view.method.value = "gradient"
    settled(explorer)
    for view in ("rise", "dream"):
        explorer.shown.value = view
        settled(explorer)


def test_a_regression_shows_its_outputs(regression, photograph):
    explorer = settled(opened(regression, "ask", photograph))
    best = regression.predictions(regression.scores(photograph)[0])
    assert f">{best[0].probability:.2f}</td>" in explorer.view._panels[0][1].value
    assert "The 4 largest outputs" in explorer.view._panels[0][1].value
    explorer.shown.value = "hide"
    settled(explorer).view.brush.strokes = [[9, [[10, 10]]]]
    settled(explorer)
    assert "largest outputs" in explorer.view._bars.value
    explorer.shown.value = "fool"
    settled(explorer).view.target.value = "class 2"
    settled(explorer).view.all_steps()
    explorer.worker.wait(60)
    assert "gives no probabilities" in explorer.keep.problem


@pytest.mark.parametrize("view", VIEWS)
def test_a_segmentation_is_refused_in_a_sentence(view, segmentation, photograph):
    explorer = opened(segmentation, view, photograph)
    assert explorer.keep.problem
    assert "no mistake of yours" not in explorer.keep.problem


def test_what_is_no_classifier_is_refused_at_once(photograph):
    with pytest.raises(ValueError, match="classifier must be a Classifier, as load_classifier gives it, got 'vgg16'"):
        tpv.explore("vgg16", photograph)
    with pytest.raises(ValueError, match='view must be "ask", "hide", "rise", "fool" or "dream"'):
        tpv.explore(view="all")
    with pytest.raises(ValueError, match="which looks like a"):
        tpv.explore(tpv.course.small_classifier(), photograph / 255)


def test_a_class_can_be_asked_for_at_the_beginning(small, photograph):
    explorer = settled(tpv.explore(small, photograph, target="class 2"))
    assert explorer.view.maps[0].target == 2
    assert explorer.class_name.value == "class 2"
    assert repr(explorer) == f"The explorer of {small.name}: run this cell to open it."


def test_colab_is_told_where_the_widgets_come_from_and_others_are_told_nothing(opened_small, monkeypatch):
    data, metadata = opened_small._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == opened_small.model_id
    assert metadata == {}
    manager = SimpleNamespace(_installed_url="https://colab.example/manager.js")
    colab = SimpleNamespace(enable_custom_widget_manager=lambda: None, _widgets=manager)
    monkeypatch.setitem(sys.modules, "google.colab.output", colab)
    assert "https://colab.example/manager.js" in str(opened_small._repr_mimebundle_()[1])
    assert opened_small._repr_mimebundle_()[0] == data


def test_marimo_which_shows_no_widgets_is_given_a_sentence(opened_small):
    kind, shown = opened_small._mime_()
    assert kind == "text/html"
    assert "tpvis explore" in shown
