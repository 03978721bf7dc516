"""Lessons and labs as they are saved: run from top to bottom, found by their badges, tied to nobody's machine."""

import ast
import re
import socket
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

from tp_visualisation.images import check_image
from tp_visualisation.labels import find_class, imagenet_labels
from tp_visualisation.maps import check_map
from tp_visualisation.saliency import METHODS

from .labs import ROOT, notebooks

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    tomllib = pytest.importorskip("tomli")

REPOSITORY = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Repository"]
TOPICS = {  # the questions of the lab sheet that each topic answers
    "1_gradient_saliency": range(1, 5),
    "2_adversarial_examples": range(5, 8),
    "3_class_visualisation": range(8, 12),
    "4_rise": [12],
    "5_cameras": [13],
    "6_sess": [14],
    "7_evaluation": [15],
    "8_quadtree": [16],
}
FILES = [f"notebooks/0{topic}.ipynb" for topic in TOPICS] + [f"solutions/tp{topic}/tp{topic}.ipynb" for topic in TOPICS]
BIG = 2_500_000  # bytes


@pytest.fixture(params=FILES)
def path(request):
    return ROOT / request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, 4)


def test_the_course_is_eight_lessons_and_eight_labs():
    assert [str(path.relative_to(ROOT)) for path in notebooks()] == sorted(FILES)


def test_saved_after_a_run_from_top_to_bottom(notebook):
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    for output in _outputs(notebook):
        assert output.output_type != "error"
        assert output.get("name") != "stderr"


def test_badges_open_this_very_notebook(path, notebook):
    assert notebook.cells[0].cell_type == "markdown"
    opened = str(path.relative_to(ROOT)).replace("solutions/", "exercises/")
    repository = REPOSITORY.removeprefix("https://github.com/")
    colab = f"https://colab.research.google.com/github/{repository}/blob/students/{opened}"
    binder = f"https://mybinder.org/v2/gh/{repository}/students?labpath={opened}"
    links = re.findall(r"\]\((https://[^)]*)\)", notebook.cells[0].source)
    assert {colab, binder} <= set(links)
    assert (ROOT / opened).is_file()


def test_the_first_code_cell_installs_the_project_where_it_is_missing(notebook, monkeypatch):
    source = next(cell.source for cell in notebook.cells if cell.cell_type == "code")
    commands = []
    monkeypatch.setattr("subprocess.run", lambda command, **options: commands.append(command))
    exec(source, {})
    assert not commands  # it is there

    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    exec(source, {})
    (command,) = commands
    assert command[1:4] == ["-m", "pip", "install"]
    assert command[-1] == f"tp_visualisation[networks] @ git+{REPOSITORY}"


def test_the_questions_of_the_sheet_are_found_by_number(path, notebook):
    topic = path.stem.removeprefix("0").removeprefix("tp")
    headings = [
        line
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
        if "#" in line[:1]
    ]
    found = {int(number) for line in headings for number in re.findall(r"\bQuestion (\d+)", line)}
    assert found == set(TOPICS[topic])


def test_no_output_tells_whose_machine_it_was(notebook):
    places = [str(ROOT), str(Path.home()), "/home/", "/Users/", "/tmp/", "C:\\", "site-packages"]
    foreign = re.compile("|".join([*map(re.escape, places), "0x[0-9a-f]{6,}"]))
    machine = re.compile(rf"\b{re.escape(socket.gethostname())}\b")
    for output in _outputs(notebook):
        texts = [text for kind, text in output.get("data", {}).items() if not kind.startswith("image/")]
        for text in [output.get("text", ""), *texts]:
            assert not foreign.search(str(text)), foreign.search(str(text))
            assert not machine.search(str(text))


def test_the_file_is_small_enough_to_open(path):
    assert path.stat().st_size < BIG


def test_the_figures_are_numbered_and_have_captions(notebook):
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    captions = [int(number) for number in re.findall(r"^\*\*Figure (\d+)\.", text, re.MULTILINE)]
    assert captions == list(range(1, len(captions) + 1))
    assert captions


def _outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def test_every_lesson_ends_with_exercises_and_papers(path, notebook):
    if Path(path).parent.name == "notebooks":
        text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        assert "## Exercises" in text
        assert "## To read" in text
        assert "arxiv.org/abs/" in text


LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def test_links_between_lessons_and_labs_lead_to_files(path, notebook):
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert not [link for link in LINK.findall(text) if not (path.parent / link).is_file()]


@pytest.mark.parametrize("page", ["glossary.md", "methods.md", "project.md"])
def test_links_of_the_pages_beside_the_lessons_lead_to_files(page):
    text = (ROOT / "notebooks" / page).read_text(encoding="utf-8")
    assert not [link for link in LINK.findall(text) if not (ROOT / "notebooks" / link).is_file()]


def test_the_table_of_methods_lists_every_method_in_the_order_of_the_course():
    table = (ROOT / "notebooks" / "methods.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)`", table, re.MULTILINE) == list(METHODS)


def test_the_glossary_quotes_error_messages_of_the_library():
    photograph = np.full((224, 224, 3), 0.5)
    photograph[0, 0] = 0, 1, 1
    wrong = [
        lambda: check_image(photograph[None]),
        lambda: check_image(photograph),
        lambda: check_image(photograph * np.nan),
        lambda: find_class("dalmatien", imagenet_labels()),
        lambda: check_map(np.eye(7), size=(512, 512)),
    ]
    text = glossary("Error messages")
    for message, call in zip(re.findall(r"^\| `(.+?)` \|", text, re.MULTILINE), wrong, strict=True):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            call()


def test_the_glossary_quotes_words_that_the_library_draws():
    quoted = [
        word
        for row in re.findall(r"^\| (`.+?`) \|", glossary("Words in figures"), re.MULTILINE)
        for word in row.split(", `")
    ]
    assert len(quoted) > 8
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in ROOT.glob("tp_visualisation/plotting/*.py")]
    said = [node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    drawn = [text for text in said if isinstance(text, str) and "\n" not in text]  # docstrings are not drawn
    for word in quoted:
        for part in re.split(r"[\d.,×]*\d[\d.,]*", word.strip("`")):  # numbers are the figure's own
            assert any(part.strip() in text for text in drawn), word


def glossary(heading):
    """Return a section of the glossary."""
    text = (ROOT / "notebooks" / "glossary.md").read_text(encoding="utf-8")
    return text.split(f"## {heading}\n")[1].split("\n## ")[0]


def test_a_notebook_imports_only_what_installing_the_project_brings(notebook):
    brought = {
        "tp_visualisation",
        "numpy",
        "keras",
        "tensorflow",
        "scipy",
        "skimage",
        "cv2",
        "PIL",
        "matplotlib",
        "IPython",
    }
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert not re.findall(r"^ *[%!]", code, re.MULTILINE)  # plain Python, as the setup cells must be
    tree = ast.walk(ast.parse(code))
    names = {alias.name for node in tree if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(ast.parse(code)) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= brought | sys.stdlib_module_names
