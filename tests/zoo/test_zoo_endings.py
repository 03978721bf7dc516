"""Every method on every network of `endings.py` is right, or refuses as expected: see `judging.py`."""

import asked
import pytest
from endings import ENDINGS

import tp_visualisation as tpv


@pytest.fixture(scope="module", params=ENDINGS)
def name(request):
    return request.param


def test_network_depends_on_the_cue_alone(name):
    asked.check_depends_on_the_cue_alone(name)


def test_gradients_are_those_of_the_network(name):
    asked.check_gradients_are_those_of_the_network(name)


@pytest.mark.parametrize("method", tpv.saliency.METHODS)
def test_map(name, method):
    asked.check_map(name, method)
