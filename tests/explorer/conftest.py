import numpy as np
import pytest

import tp_visualisation as tpv


@pytest.fixture(scope="session")
def small():
    """A network of four classes, called "class 0" to "class 3", that answers in milliseconds."""
    return tpv.course.small_classifier()


@pytest.fixture
def photograph():
    """uint8 (40, 60, 3), no square, not of the network's size."""
    return np.random.default_rng(3).integers(0, 256, (40, 60, 3), dtype=np.uint8)


@pytest.fixture
def opened(small, photograph):
    """A function: an explorer of the small network, at a view; settled."""

    def open_at(view="ask", **options):
        return settled(tpv.explore(small, photograph, view=view, **options))

    return open_at


def settled(explorer):
    """The same explorer, when it has nothing more to compute, and no complaint."""
    assert explorer.worker.wait(120)
    assert explorer.keep.problem == ""
    return explorer
