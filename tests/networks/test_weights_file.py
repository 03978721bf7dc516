"""Weights files of other networks, absurd or damaged, are refused in one sentence before they are read."""

import time
import tracemalloc
from collections import Counter

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from tp_visualisation.networks.weights_file import load_weights

SUFFIXES = [".weights.h5", ".h5", ".keras"]


def network(n_filters=4, n_classes=5):
    inputs = keras.Input((8, 8, 3))
    x = layers.BatchNormalization(name="norm")(layers.Conv2D(n_filters, 3, name="first")(inputs))
    x = keras.Sequential([layers.Conv2D(6, 1, name="inner"), layers.ReLU()], name="block")(x)
    x = layers.Dropout(0.5)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, layers.Dense(n_classes, name="scores")(x))


def save(model, folder, suffix):
    path = folder / f"saved{suffix}"
    model.save_weights(path) if suffix == ".weights.h5" else model.save(path)
    return path


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_weights_come_back(suffix, tmp_path):
    model, other = network(), network()
    load_weights(other, save(model, tmp_path, suffix), "mine")
    for ours, theirs in zip(other.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_names_of_old_files_have_a_fixed_length(tmp_path):
    """As in the files that Keras Applications download."""
    model, other = network(), network()
    path = save(model, tmp_path, ".h5")
    with h5py.File(path, "a") as file:
        for group, key in [(file["model_weights"], "layer_names")] + [
            (group, "weight_names") for group in file["model_weights"].values()
        ]:
            names = [str(name) for name in group.attrs[key]] if key in group.attrs else []
            del group.attrs[key]
            group.attrs[key] = np.array([name.encode() for name in names], dtype="S60")
    load_weights(other, path, "mine")
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (
            {"n_filters": 7},
            r'layer "first" has the shapes \(3, 3, 3, 4\), \(4,\), the file \(3, 3, 3, 7\), \(7,\) there',
        ),
        ({"n_classes": 2}, r'layer "scores" has the shapes \(6, 5\), \(5,\), the file \(6, 2\), \(2,\) there'),
    ],
)
def test_the_first_layer_that_does_not_fit_is_named(other, reason, suffix, tmp_path, capfd, recwarn):
    path = save(network(**other), tmp_path, suffix)
    model = network()
    capfd.readouterr()
    recwarn.clear()
    with pytest.raises(ValueError, match=rf'{suffix}" does not hold weights of mine: the {reason}\. A') as caught:
        load_weights(model, path, "mine")
    assert not recwarn
    assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


def test_a_file_with_fewer_layers_is_refused(tmp_path):
    model = network()
    smaller = keras.Model(model.inputs, model.get_layer("norm").output)
    with pytest.raises(ValueError, match=r'layer "inner" has the shapes \(1, 1, 4, 6\), \(6,\), the file none there'):
        load_weights(model, save(smaller, tmp_path, ".weights.h5"), "mine")
    with pytest.raises(ValueError, match="4 layers with weights were expected, it has 2"):
        load_weights(model, save(smaller, tmp_path, ".h5"), "mine")


@pytest.mark.parametrize("place", ["layers/dense/vars/0", "anything/else"])
@pytest.mark.parametrize(("shape", "kind"), [((20_000, 20_000), "f4"), ((6, 5), "S100000000")])
def test_what_a_file_claims_is_not_believed(shape, kind, place, tmp_path):
    """It has a few kilobytes, and says that it holds 400 million numbers."""
    model = network()
    path = save(model, tmp_path, ".weights.h5")
    with h5py.File(path, "a") as file:
        if place in file:
            del file[place]
        file.create_dataset(place, shape, kind, chunks=True)
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"does not hold weights of mine: .*(\(20000, 20000\)|S100000000)"):
        load_weights(model, path, "mine")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10e6


@pytest.mark.parametrize("suffix", SUFFIXES[:2])
def test_hundreds_of_damaged_files_are_refused_or_read(suffix, tmp_path):
    rng, model = np.random.default_rng(0), network()
    content = save(model, tmp_path, suffix).read_bytes()
    outcomes, start = Counter(), time.thread_time()
    for _ in range(150):
        damaged = bytearray(content)
        kind, place = rng.integers(3), int(rng.integers(len(content)))
        if kind == 0:
            for _ in range(rng.integers(1, 9)):
                damaged[rng.integers(len(damaged))] = rng.integers(256)
        elif kind == 1:
            del damaged[place:]
        else:
            damaged[place : place + 8] = rng.choice([0, 255], 8).astype(np.uint8).tobytes()
        path = tmp_path / f"damaged{suffix}"
        path.write_bytes(damaged)
        try:
            load_weights(model, path, "mine")
            outcomes["read"] += 1
        except ValueError as error:
            outcomes[str(error).removeprefix(f'"{path}" ')[:30]] += 1
    assert set(outcomes) == {"read", "does not hold weights of mine:"}
    assert min(outcomes.values()) > 30
    assert time.thread_time() - start < 60


def test_a_damaged_heap_of_texts_is_not_read_for_ever(tmp_path):
    """HDF5 goes round in circles where the free space of a heap has the size 0."""
    path = save(network(), tmp_path, ".h5")
    content = bytearray(path.read_bytes())
    place, end = content.index(b"GCOL") + 16, 0
    while int.from_bytes(content[place : place + 2], "little"):
        place += 16 + -(-int.from_bytes(content[place + 8 : place + 16], "little") // 8) * 8
        end += 1
    content[place + 8 : place + 16] = bytes(8)
    path.write_bytes(content)
    with pytest.raises(ValueError, match="it is damaged"):
        load_weights(network(), path, "mine")
