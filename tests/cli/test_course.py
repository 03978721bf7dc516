"""`tpvis course`: lessons and labs in a folder of one's own, and nobody's work overwritten."""

import subprocess
import sys
from pathlib import Path

import pytest

from tp_visualisation.cli import course as command

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A small course, as the wheel holds it, with a lab in French and what Jupyter leaves behind."""
    root = tmp_path / "package" / "coursework"
    for name in (
        "notebooks/01_gradient_saliency.ipynb",
        "notebooks/glossary.md",
        "notebooks/.ipynb_checkpoints/01-checkpoint.ipynb",
        "exercises/tp1/tp1.ipynb",
        "exercises/fr/tp1/tp1.ipynb",
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    monkeypatch.setattr(command, "PACKAGE", root.parent)
    return root


def files(folder):
    return {path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file()}


ENGLISH = {"notebooks/01_gradient_saliency.ipynb", "notebooks/glossary.md", "exercises/tp1/tp1.ipynb"}


def test_lessons_and_labs_are_copied(tpvis, source):
    code, out, _ = tpvis("course", "mine")
    assert code == 0
    assert "3 files copied" in out
    assert files("mine") == ENGLISH
    assert Path("mine/exercises/tp1/tp1.ipynb").read_text(encoding="utf-8") == "exercises/tp1/tp1.ipynb"


def test_french_comes_beside_the_english_that_it_links_to(tpvis, source):
    assert tpvis("course", "mine", "--language", "fr")[0] == 0
    assert files("mine") == ENGLISH | {"exercises/fr/tp1/tp1.ipynb"}


def test_what_a_student_wrote_stays(tpvis, source):
    lab = Path("mine/exercises/tp1/tp1.ipynb")
    lab.parent.mkdir(parents=True)
    lab.write_text("an answer")
    _, out, _ = tpvis("course", "mine")
    assert lab.read_text(encoding="utf-8") == "an answer"
    assert "2 files copied, 1 were there and stay as they are" in out


def test_open_starts_jupyterlab_there(tpvis, source, monkeypatch):
    started = []
    monkeypatch.setattr(command.importlib.util, "find_spec", lambda name: name == "jupyterlab")
    monkeypatch.setattr(
        command.subprocess, "run", lambda line: started.append(line) or subprocess.CompletedProcess(line, 0)
    )
    assert tpvis("course", "mine", "--open")[0] == 0
    assert started == [[sys.executable, "-m", "jupyterlab", "--notebook-dir=mine"]]


def test_without_jupyterlab_nothing_is_copied(refused, source, monkeypatch):
    monkeypatch.setattr(command.importlib.util, "find_spec", lambda name: None)
    assert "JupyterLab is not installed" in refused("course", "mine", "--open")
    assert not Path("mine").exists()


def test_an_installation_without_the_course_says_so(refused, source, monkeypatch, tmp_path):
    monkeypatch.setattr(command, "PACKAGE", tmp_path / "elsewhere" / "package")
    assert "came without the lessons and labs" in refused("course", "mine")


def test_a_clone_has_the_course_and_is_no_place_to_copy_to(tpvis, refused):
    assert "is where the course is copied from" in refused("course", ROOT)
    assert tpvis("course", "mine")[0] == 0
    assert {name for name in files("mine") if name.endswith(".ipynb")} == {
        path.relative_to(ROOT).as_posix()
        for part in command.PARTS
        for path in (ROOT / part).rglob("*.ipynb")
        if path.relative_to(ROOT).parts[1] != "fr"
    }
