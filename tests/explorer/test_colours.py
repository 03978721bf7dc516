"""Colours that must be told apart are told apart by the colour-blind too.

Machado et al., "A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009: the matrices of a
missing kind of cones, for linear RGB. Distances are those of CIELAB, in which 2 is just seen.
"""

import re
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import pytest

import tp_visualisation as tpv
from tp_visualisation.explorer.parts import COLOURS

EYES = {
    "usual": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
FAR = 20  # a distance that nobody overlooks
CSS = (Path(tpv.__file__).parent / "explorer/static/explorer.css").read_text(encoding="utf-8")
PAIRS = {  # what must be told apart: (selector, property) twice
    "the class in question and the others": (
        (".tpv-chosen .tpv-bar div", "background"),
        (".tpv-bar div", "background"),
    ),
    "the curve and its axes": ((".tpv-curve polyline", "stroke"), (".tpv-curve path", "stroke")),
    "the view that is shown and the others": (
        (".jupyter-button.mod-active", "background"),
        (".tpv-explorer .jupyter-button", "background"),
    ),
    "the focus and the button that has it": (
        (":focus-visible", "outline"),
        (".jupyter-button.mod-active", "background"),
    ),
    "the focus and the page": ((":focus-visible", "outline"), (".tpv-explorer", "background")),
    "a slider's handle and its bar": ((".noUi-handle", "border"), (".noUi-connects", "background")),
    "a problem's edge and its ground": ((".tpv-problem", "border-left"), (".tpv-problem", "background")),
}


def in_css(selector, name):
    """The colour (3,), in [0, 1], of a property in the first rule for a selector."""
    rule = re.search(rf"^\S*.*{re.escape(selector)} {{([^}}]*)}}", CSS, re.MULTILINE)[1]
    digits = re.search(rf"\b{name}:[^;]*#([0-9a-f]+)", rule)[1]
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    return np.array([int(digits[i : i + 2], 16) for i in (0, 2, 4)]) / 255


def lab(colours, eyes):
    """CIELAB (n, 3) of colours (n, 3), in [0, 1], as these eyes see them."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.transpose(EYES[eyes]), 0, 1)
    encoded = np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)
    return cv2.cvtColor(np.float32(encoded)[None], cv2.COLOR_RGB2Lab)[0]


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("what", PAIRS)
def test_two_things_have_two_colours(what, eyes):
    first, second = lab(np.stack([in_css(*place) for place in PAIRS[what]]), eyes)
    assert np.linalg.norm(first - second) > FAR


def ramp(name):
    return matplotlib.colormaps[name](np.linspace(0, 1, 64))[:, :3]


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("name", ["viridis", "cividis", "gray"])
def test_more_is_brighter(name, eyes):
    assert (np.diff(lab(ramp(name), eyes)[:, 0]) > 0).all()


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("name", ["RdBu_r", "PuOr"])
def test_below_and_above_zero_have_two_colours_and_zero_is_the_brightest(name, eyes):
    seen = lab(ramp(name), eyes)
    assert (np.linalg.norm(seen[:24] - seen[:-25:-1], axis=1)[:16] > FAR).all()
    assert 28 <= seen[:, 0].argmax() <= 35


def test_the_one_that_says_nothing_to_the_colour_blind_comes_last():
    assert COLOURS == ("viridis", "cividis", "gray", "RdBu_r", "PuOr", "jet")
    assert np.abs(np.diff(np.sign(np.diff(lab(ramp("jet"), "deuteranopia")[:, 0])))).sum() > 2  # up and down again
