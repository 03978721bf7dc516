import numpy as np
import pytest


@pytest.fixture
def photograph():
    return np.random.default_rng(0).integers(0, 256, (12, 20, 3), dtype=np.uint8)


@pytest.fixture
def ramp():
    return np.linspace(0.2, 0.8, 240, dtype=np.float32).reshape(12, 20)
