"""Sliders come from signatures and docstrings."""

import inspect

import pytest

from tp_visualisation.explorer.options import LEFT_OUT, code_of, options_of
from tp_visualisation.saliency import METHODS

LAYERS = ["first", "last"]


def option(method, name):
    (found,) = [option for option in options_of(METHODS[method], LAYERS) if option.name == name]
    return found


def test_kinds_and_ends_are_those_of_the_signature_and_the_docstring():
    n_samples = option("smoothgrad", "n_samples")
    assert (n_samples.kind, n_samples.default, n_samples.low, n_samples.high) == ("whole", 50, 1, 200)
    assert n_samples.description.startswith("number of noisy copies")
    pre_filter = option("sess", "pre_filter")
    assert (pre_filter.kind, pre_filter.low, pre_filter.high) == ("number", 0, 1)  # "in [0, 1)"
    floor = option("grad_cam_plus_plus", "floor")
    assert (floor.kind, floor.low, floor.high) == ("small", -10, -4)
    assert option("smoothgrad", "squared").kind == "yes_or_no"
    assert option("rise", "n_masks").kind == "maybe"
    assert option("rise", "design").choices == ("balanced", "random")
    assert option("integrated_gradients", "rule").choices == ("gauss_legendre", "midpoint", "trapezoid")
    assert option("grad_cam", "layer").choices == (None, "last", "first")
    assert "sess" not in option("sess", "base").choices


@pytest.mark.parametrize("method", METHODS)
def test_every_number_and_choice_of_every_method_has_a_control(method):
    shown = {option.name: option for option in options_of(METHODS[method], LAYERS)}
    parameters = list(inspect.signature(METHODS[method]).parameters.values())[3:]
    for parameter in parameters:
        left_out = parameter.name in LEFT_OUT or parameter.name.startswith("return_") or parameter.name == "baseline"
        assert left_out or parameter.name in shown
    for found in shown.values():
        if found.kind in ("whole", "number"):
            assert found.low <= found.default <= found.high
        if found.kind == "small":
            assert 10**found.low <= found.default <= 10**found.high
        if found.kind == "choice":
            assert found.default in found.choices
        assert found.description or found.name == "layer"


def test_options_stand_in_code_as_python():
    assert code_of({"n_samples": 20, "layer": "last"}) == ", n_samples=20, layer='last'"
    assert code_of({}) == ""
