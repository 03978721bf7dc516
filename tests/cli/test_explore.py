"""`tpvis explore` up to the page; `tests/explorer/test_browser.py` looks at the page itself."""

import inspect
import json
import sys
from pathlib import Path

import pytest

from tp_visualisation import loading
from tp_visualisation.cli import explore
from tp_visualisation.cli.options import DEFAULTS
from tp_visualisation.cli.running import load


@pytest.fixture
def served(monkeypatch):
    """What `serve` was told, instead of serving."""
    from tp_visualisation.cli import server

    told = []
    monkeypatch.setattr(server, "serve", lambda *arguments: told.append(arguments))
    return told


def test_the_page_gets_the_options_of_the_command_line(served, tpvis, tmp_path):
    (tmp_path / "names.txt").write_text("cat\ndog\n")
    (tmp_path / "my.keras").write_bytes(b"PK\x03\x04")
    line = "explore jeep --view hide --language fr --port 9000 --no-browser --network my.keras --labels names.txt"
    assert tpvis(*line.split())[0] == 0
    ((cell, language, port, browser),) = served
    assert (language, port, browser) == ("fr", 9000, False)
    shown = {}
    exec(cell.replace("from tp_visualisation.cli.explore import show", "show = shown.update"), {"shown": shown})
    assert (shown["image"], shown["view"], shown["language"], shown["folder"]) == ("jeep", "hide", "fr", str(tmp_path))
    assert (shown["network"]["name"], shown["network"]["labels"]) == ("my.keras", "names.txt")
    json.dumps(shown)


def test_views_and_languages_are_those_of_the_page():
    from tp_visualisation.explorer.language import LANGUAGES
    from tp_visualisation.explorer.page import VIEWS

    assert tuple(VIEWS) == explore.VIEWS
    assert explore.LANGUAGES == LANGUAGES


def test_without_the_extra_a_sentence_says_what_to_install(refused, monkeypatch):
    monkeypatch.setitem(sys.modules, "voila.app", None)
    monkeypatch.delitem(sys.modules, "tp_visualisation.cli.server", raising=False)
    line = refused("explore", "dalmatian")
    assert 'the explorer needs voila.app, which is not installed: pip install "tp_visualisation[explore]"' in line


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"name": "resnet50v2", "weights": "none"},
        {"name": "efficientnet_lite0", "weights": "some.h5"},
        {"name": "my.keras", "labels": Path("names.txt"), "preprocess": "[-1,1]", "activation": "none"},
        {"name": "my.keras", "input_size": 32, "model_output": "2", "trust": True},
        {"name": "my.keras", "model_output": "second", "activation": "sigmoid"},
    ],
)
def test_the_code_of_a_network_loads_it_as_the_command_does(options, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "names.txt").write_text("cat\ndog\n")
    loaded = []
    usual = loading.load_classifier.__kwdefaults__ | {"weights": "imagenet"}

    def record(name, weights="imagenet", **given):
        loaded.append((str(name), usual | {"weights": weights and str(weights)} | given))

    record.__signature__ = inspect.signature(loading.load_classifier)
    monkeypatch.setattr(loading, "load_classifier", record)
    network = DEFAULTS._replace(**options)
    load(network, "fastest")
    code = explore._code(network, "fastest")
    exec(code.replace("tpv.", ""), {"load_classifier": record})
    (by_command, by_code) = loaded
    by_command[1]["preprocess"] = network.preprocess  # the command has found the function by then
    assert by_code == by_command
    assert "none" not in (by_code[1]["weights"], by_code[1]["activation"])  # at the shell only
