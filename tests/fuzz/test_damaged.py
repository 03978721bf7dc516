"""Photographs damaged in all ways give an image or one clear error, at once. `make fuzz` takes other seeds."""

import itertools
import time
from collections import Counter

import numpy as np
import pytest
from long import damaged_files
from mutations import EXIF_IN, MAX_SECONDS, seeds, verdict

from tp_visualisation.images import load_image

pytestmark = pytest.mark.filterwarnings("ignore:.*numbers in 16 bits")
SEED = 1


def test_sound_photographs_are_read():
    """Else what is damaged below were nothing."""
    for name, content in seeds(np.random.default_rng(SEED)):
        assert isinstance(verdict(load_image, content, "the data given"), tuple), name


@pytest.mark.parametrize(("kind", "number"), [("mutated", 2000), ("exif", 600)])
def test_damaged_photographs_give_an_image_or_an_error_with_their_name(kind, number, tmp_path):
    """Half of them as files, half as bytes; where EXIF is all that is damaged, each gives its image."""
    came: Counter = Counter()
    files = damaged_files(SEED, share_of_exif=float(kind == "exif"))
    for at, (name, content) in enumerate(itertools.islice(files, number)):
        path = tmp_path / f"{at:04}"
        path.write_bytes(content)
        start = time.thread_time()
        result = verdict(load_image, path if at % 2 else content, path.name if at % 2 else "the data given")
        assert time.thread_time() - start < MAX_SECONDS, (name, path)
        came[isinstance(result, tuple)] += 1
        assert kind == "mutated" or came[True] == at + 1, (name, path, result)
        path.unlink()
    assert came[True] > number / 10
    assert kind == "exif" or came[False] > number / 10


def test_exif_is_damaged_in_every_format_that_holds_it():
    kinds = {kind.split()[1] for kind, _ in itertools.islice(damaged_files(SEED, share_of_exif=1), 10)}
    assert kinds >= set(EXIF_IN[:3])
