"""What an hour of use leaves behind: no widgets, no networks, no photographs, no figures."""

import gc
import io
import weakref

import ipywidgets
import matplotlib.pyplot
import numpy as np
import PIL.Image

import tp_visualisation as tpv
from tp_visualisation.explorer import session as sessions
from tp_visualisation.explorer.page import VIEWS

from .conftest import settled


def use_every_view(explorer, number):
    """Upload a photograph of a size of its own, and ask something in each view."""
    stream = io.BytesIO()
    image = np.random.default_rng(number).integers(0, 256, (30 + number, 50, 3), dtype=np.uint8)
    PIL.Image.fromarray(image).save(stream, format="PNG")
    explorer._open_file(stream.getvalue(), f"{number}.png")
    for name in VIEWS:
        explorer.shown.value = name
        if name == "hide":
            explorer.view.brush.strokes = [[4, [[number, 10]]]]
        elif name == "rise":
            explorer.view.n_masks.value = 128
        elif name == "dream":
            explorer.view.n_steps.value = 20
        settled(explorer)
        explorer._save()


def _widgets():
    return ipywidgets.Widget.get_manager_state()["state"]


def test_the_same_widgets_serve_for_ever_and_the_photographs_of_before_are_gone(opened):
    explorer = opened("ask")
    use_every_view(explorer, 1)
    widgets, first = len(_widgets()), weakref.ref(explorer.session.image)
    compiled = len(explorer.session.classifier._gradients._compiled)
    for number in (2, 3, 4):
        use_every_view(explorer, number)
    gc.collect()
    assert len(_widgets()) == widgets
    assert first() is None
    assert len(explorer.session.classifier._gradients._compiled) == compiled  # whatever the sizes
    assert matplotlib.pyplot.get_fignums() == []


def test_of_the_other_networks_the_last_one_is_kept(opened, monkeypatch):
    networks = {}

    def load(name, engine):
        classifier = tpv.course.small_classifier(seed=len(networks) + 1)
        networks[name] = weakref.ref(classifier.model)
        return classifier

    monkeypatch.setattr(sessions, "load_classifier", load)
    explorer = opened("ask")
    view = explorer.view
    view.second_network.options = ["one", "two", "three"]
    view.compare.value = "other_network"
    for name in ("one", "two", "three"):
        view.second_network.value = name
        settled(explorer)
        assert len(view.maps) == 2
    gc.collect()
    assert [network() is not None for network in networks.values()] == [False, False, True]
