"""A table of command lines that cannot work: each is answered by its sentence, soon, and without loading a network."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from tp_visualisation import loading

TABLE = Path(__file__).with_name("bad_command_lines.txt").read_text(encoding="utf-8").splitlines()
LINES = [tuple(part.strip() for part in line.split("=>", 1)) for line in TABLE if line and not line.startswith("#")]
SECONDS = 3.0


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The folder in which the lines are typed."""
    folder = tmp_path_factory.mktemp("place")
    for name in ("pictures", "empty", "folder.png", "folder.npy", "folder.csv", "imagenet", "voc/Annotations", "graph"):
        (folder / name).mkdir(parents=True)
    picture = PIL.Image.fromarray(np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8))
    for name in ("photo.png", "pictures/qqq.png"):
        picture.save(folder / name)
    (folder / "cut.png").write_bytes((folder / "photo.png").read_bytes()[:200])
    (folder / "zip.keras").write_bytes(b"PK\x03\x04 and no network")
    (folder / "latin.txt").write_bytes("café\nthé".encode("latin-1"))
    (folder / "text.bin").write_bytes(bytes(range(256)))
    coco = {
        "images": [{"id": 1, "file_name": "photo.png", "height": 20, "width": 30}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 9, 9]}],
        "categories": [{"id": 1, "name": "dog"}],
    }
    texts = {
        **dict.fromkeys(["text.png", "garbage.keras", "garbage.h5", "names"], "no picture, no network"),
        **dict.fromkeys(["empty.png", "empty.h5", "empty.txt", "graph/saved_model.pb"], ""),
        "names.txt": "house\ntree\n",
        "twice.txt": "cat\ncat\n",
        "notjson.json": "{",
        "deep.json": "[" * 100_000,
        "mine.py": "NUMBER = 3",
        "broken.py": "1 / 0",
        "leaves.py": "raise SystemExit(0)",
    }
    contents = {"coco": coco, "list": [1], "empty": {}, "number": {"dog": 3}, "unknown": {"dog": ["dalmatien"]}}
    contents["range"] = {"dog": ["20 .. 10"]}
    texts |= {f"{name}.json": json.dumps(content) for name, content in contents.items()}
    for name, text in texts.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def typed(tpvis, place, monkeypatch):
    """A function: the exit code, stderr and seconds of a line typed there; a network that is loaded fails the test."""

    def loaded(*args, **options):
        pytest.fail("a network was to be loaded")

    monkeypatch.setattr(loading, "load_classifier", loaded)
    monkeypatch.setattr(loading, "build_network", loaded)
    monkeypatch.chdir(place)

    def run(line):
        start = time.process_time()  # of this process: what others on the machine do does not count
        code, _, err = tpvis(*shlex.split(line))
        return code, err, time.process_time() - start

    return run


@pytest.mark.parametrize(("line", "sentence"), LINES)
def test_a_line_that_cannot_work_is_answered_by_its_sentence_without_a_network(line, sentence, typed, place):
    before = {path: path.stat().st_mtime for path in place.rglob("*") if "__pycache__" not in path.parts}
    code, err, seconds = typed(line)
    said = [text for text in err.splitlines() if text.startswith("tpvis: ")]
    if "--debug" not in line:
        assert err.splitlines() == said
    assert code == 2
    assert len(said) == 1
    assert re.search(sentence, said[0]), said[0]
    assert "no mistake of yours" not in said[0]
    assert seconds < SECONDS
    after = {path: path.stat().st_mtime for path in place.rglob("*") if "__pycache__" not in path.parts}
    assert after.keys() == before.keys()


def test_the_table_is_long_and_says_nothing_twice():
    assert len(LINES) >= 150
    assert len({line for line, _ in LINES}) == len(LINES)


@pytest.mark.parametrize(("line", "sentence"), LINES[1::25])
def test_the_shell_gets_the_same_answer_at_once(line, sentence, place):
    command = [sys.executable, "-m", "tp_visualisation.cli", *shlex.split(line)]
    before = os.times().children_user
    run = subprocess.run(command, capture_output=True, text=True, cwd=place, check=False)
    seconds = os.times().children_user - before
    assert run.returncode == 2
    assert "Traceback" not in run.stderr
    assert re.search(sentence, run.stderr.splitlines()[-1])
    assert run.stderr.splitlines()[-1].startswith("tpvis: ")
    assert seconds < 4 * SECONDS  # of the processor, in which Python and TensorFlow begin too


def test_a_folder_that_may_not_be_written_into_is_said(tpvis, monkeypatch, place):
    monkeypatch.chdir(place)
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everywhere
    lines = (
        "explain dalmatian",
        "explain pictures",
        "attack dalmatian -m pgd",
        "visualise-class 1",
        "evaluate samples",
    )
    for line in lines:
        code, _, err = tpvis(*shlex.split(line))
        assert code == 2
        assert "can be written into the folder" in err


def test_what_is_no_mistake_of_the_user_says_so_and_debug_shows_it(tpvis, monkeypatch):
    from tp_visualisation import samples

    def fails():
        raise KeyError("a mistake of ours")

    monkeypatch.setattr(samples, "sample_images", fails)
    code, _, err = tpvis("samples")
    assert code == 2
    assert err.startswith("tpvis: KeyError: 'a mistake of ours' (no mistake of yours")
    assert len(err.splitlines()) == 1
    code, _, err = tpvis("--debug", "samples")
    assert code == 2
    assert "Traceback" in err
    assert "in fails" in err
    assert err.splitlines()[-1].startswith("tpvis: KeyError: 'a mistake of ours'")


def test_ctrl_c_that_a_library_made_another_error_of_is_ctrl_c(tpvis, monkeypatch):
    from tp_visualisation import samples

    def fails():
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as error:
            raise ImportError("half imported") from error

    monkeypatch.setattr(samples, "sample_images", fails)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    assert tpvis("samples") == (130, "", "")


@pytest.mark.skipif(os.name == "nt", reason="signals are those of Unix")
@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("explain dalmatian -m rise,gradient --engine tensorflow --save-map m.npz", 1.5),  # seconds: imports
        ("explain dalmatian -m rise,gradient --engine tensorflow --save-map m.npz", "dalmatian"),  # a line: the map
        ("explain dalmatian photo.png -m rise --engine tensorflow --save-map maps", "1 of 2"),
    ],
)
def test_ctrl_c_leaves_nothing_behind(line, moment, place, tmp_path):
    command = [sys.executable, "-m", "tp_visualisation.cli", *shlex.split(line)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    (tmp_path / "photo.png").write_bytes((place / "photo.png").read_bytes())
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # what a shell starts with & ignores it
    ) as run:
        if isinstance(moment, float):
            time.sleep(moment)
        else:
            while moment not in run.stdout.readline():
                assert run.poll() is None
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]
