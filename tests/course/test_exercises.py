"""exercises/ is what `make exercises` writes, and gives nothing away."""

import re
import subprocess
import sys

import nbformat
import pytest

from .labs import NAMES, REGION, ROOT, Lab

MESSAGE = "This answer is still to be written: replace this line."
FRENCH_MESSAGE = "Cette réponse reste à écrire\u00a0: remplacez cette ligne."


def _write(folder):
    command = [sys.executable, ROOT / "tools" / "course.py", "exercises", "--to", folder]
    subprocess.run(command, check=True, capture_output=True)
    return _files(folder)


def _files(folder):
    files = [path for path in folder.rglob("*") if path.is_file() and ".ipynb_checkpoints" not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_exercises_are_those_of_the_solutions(tmp_path):
    fresh, committed = _write(tmp_path), _files(ROOT / "exercises")
    assert set(committed) == set(fresh)
    stale = [name for name in fresh if committed[name] != fresh[name]]
    assert not stale, "run `make exercises` and commit what it writes"
    assert _write(tmp_path) == fresh


@pytest.mark.parametrize("name", NAMES)
def test_an_exercise_gives_nothing_away(name):
    path = ROOT / "exercises" / name / f"{name}.ipynb"
    text = path.read_text(encoding="utf-8")
    for marker in ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "_hidden", "**Model answer.**", "**Marking.**"):
        assert marker not in text
    source = _without_secrets(name)
    for cell in nbformat.reads(text, 4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
        lines = {line.strip() for line in cell.source.splitlines()}
        assert not lines & _secrets(name) - source, cell.id


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("language", "message"), [("", MESSAGE), ("fr", FRENCH_MESSAGE)], ids=["en", "fr"])
def test_every_answer_to_write_stops_with_a_message(name, language, message):
    cells = nbformat.read(ROOT / "exercises" / language / name / f"{name}.ipynb", 4).cells
    answers = [cell for cell in cells if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")]
    assert len(answers) == len(Lab(name).answers)
    for cell in answers:
        assert cell.source.count(f'raise NotImplementedError("{message}")') == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_lab_fits_two_hours(name):
    assert len(Lab(name).answers) <= 5
    cells = nbformat.read(ROOT / "exercises" / name / f"{name}.ipynb", 4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    text = re.sub(r"```.*?```|\]\(\S*\)", "", text, flags=re.DOTALL)
    n_words = sum(bool(re.search(r"\w", word)) for word in text.split())
    assert n_words <= 1100, f"{n_words} words to read"


def _secrets(name):
    """Return the lines, long enough to mean something, of the solutions and of the hidden tests."""
    lines = set()
    for cell in Lab(name).notebook.cells:
        hidden = False
        for line in cell.source.splitlines():
            if "### BEGIN " in line or "### END " in line:
                hidden = "### BEGIN " in line
            elif hidden and len(line.strip()) > 20:
                lines.add(line.strip())
    return lines


def _without_secrets(name, language=""):
    """Return the lines that students see anyway."""
    lines = set()
    for cell in Lab(name, language).notebook.cells:
        if "### BEGIN HIDDEN" in cell.source:
            shown = cell.source.split("### BEGIN HIDDEN")[0]
        elif cell.metadata.get("nbgrader", {}).get("solution"):
            shown = REGION.sub("", cell.source) if cell.cell_type == "code" else ""
        else:
            shown = cell.source
        lines |= {line.strip() for line in shown.splitlines()}
    return lines
