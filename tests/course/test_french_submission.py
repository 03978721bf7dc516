"""A submission in French gets the points of an English one, and feedback in French."""

import ast
import html
import re
import shutil
import sys

import pytest

from .labs import NAMES, ROOT, Lab
from .test_grading import grade, new_course, submit

sys.path.insert(0, str(ROOT / "tools"))
from languages import MESSAGES, in_words, words
from questions import questions

LAB = "tp1_gradient_saliency"


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Rows and pages of submissions: a right one in each language, an empty, a mended and a broken one in French."""
    root = tmp_path_factory.mktemp("graded")
    shutil.copytree(ROOT / "solutions" / "fr" / LAB, root / "solutions" / "fr" / LAB)
    shutil.copytree(ROOT / "locale", root / "locale")
    new_course(root, LAB)
    written = dict.fromkeys(set(Lab(LAB).points) - set(Lab(LAB).tests), "My own words.")
    right = Lab(LAB, "fr").answers | written

    def lose_cells(notebook, cells):
        cells["test_gradient_map_values"].source = "pass"
        notebook.cells.remove(cells["test_score_gradient_values"])

    submit(root, "ada", LAB, right, language="fr")
    submit(root, "ben", LAB, Lab(LAB).answers | written)
    submit(root, "cal", LAB, language="fr")
    submit(root, "dan", LAB, right, lose_cells, language="fr")
    submit(root, "eve", LAB, right | {"gradient_map": "import os\n\nos._exit(0)"}, language="fr")
    run = grade(root, "--jobs", "2")
    pages = root.glob("grading/feedback/*/*/*.html")
    run.pages = {path.parts[-3]: re.sub(r"</?span[^>]*>", "", path.read_text(encoding="utf-8")) for path in pages}
    return run


def test_a_french_submission_gets_the_points_of_an_english_one(graded):
    full = sum(Lab(LAB).points[name] for name in Lab(LAB).tests)
    assert float(graded.rows["ada", LAB]["automatic"]) == full
    assert float(graded.rows["ben", LAB]["automatic"]) == full
    assert float(graded.rows["cal", LAB]["automatic"]) == 0
    assert not graded.rows["ada", LAB]["remark"]
    assert not graded.rows["cal", LAB]["remark"]


def test_a_french_tests_cell_that_was_changed_is_put_back_in_french(graded):
    assert float(graded.rows["dan", LAB]["automatic"]) == float(graded.rows["ada", LAB]["automatic"])
    assert "test_gradient_map_values was changed, put back" in graded.rows["dan", LAB]["remark"]
    assert "on attend une valeur par pixel" in graded.pages["dan"]


def test_the_feedback_is_in_the_language_handed_in(graded):
    assert '<html lang="fr">' in graded.pages["cal"]
    assert "Cette réponse reste à écrire" in graded.pages["cal"]
    assert "Pas de réponse." in graded.pages["cal"]
    assert "2. Du gradient à la carte\u00a0: gradient_map" in graded.pages["cal"]
    assert '<html lang="en">' in graded.pages["ben"]
    for english in ("not marked yet", "From gradient to map", "one value for each pixel"):
        assert english in graded.pages["ben"]
        assert english not in graded.pages["ada"]
    assert "pas encore noté / 2" in graded.pages["ada"]


@pytest.mark.parametrize("lab", NAMES)
def test_the_marking_page_has_the_french_model_answers_with_their_marking_lines(lab):
    french, english = (questions(ROOT, lab, language) for language in ("fr", ""))
    written = [name for name, question in english.items() if question.model_answer]
    assert written
    for name in written:
        assert "Marking" in english[name].model_answer
        assert "Barème" in french[name].model_answer


def test_what_the_sandbox_says_is_in_the_language_handed_in(graded):
    assert "KernelDied: Python lui-même s'est arrêté" in html.unescape(graded.pages["eve"])
    assert "NotRun: non exécuté\u00a0: les cellules au-dessus" in html.unescape(graded.pages["eve"])
    assert "gradient_map: Python itself stopped" in graded.rows["eve", LAB]["remark"]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("it took more than 12 GB of memory", "le code a pris plus de 12 Go de mémoire"),
        (
            "no points: these tests cannot be trusted, numpy.sum was changed while they ran.",
            "pas de points\u00a0: on ne peut pas se fier à ces tests, numpy.sum a été changé pendant leur exécution.",
        ),
        ("a map is expected, got {why}", "a map is expected, got {why}"),
    ],
)
def test_a_message_is_said_in_french_with_its_fields(message, said):
    assert in_words(message, words(ROOT, "fr")) == said
    assert in_words(message, words(ROOT, "")) == message


def test_every_message_of_the_sandbox_is_translated():
    known, written = {re.sub(r"{\w+}", "{}", message) for message in MESSAGES}, set()
    for name in ("running.py", "inside/kernel.py"):
        tree = ast.parse((ROOT / "tools" / name).read_text(encoding="utf-8"))
        written |= set(_strings(tree))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        told = {"_error": 1, "stop": 0, "TooLong": 0}  # which argument the student reads
        for call in calls:
            place = told.get(getattr(call.func, "attr", getattr(call.func, "id", "")))
            if place is not None and len(call.args) > place:
                assert set(_strings(call.args[place])) - {"", "{}"} <= known
    assert known <= written


def _strings(tree):
    """Yield the strings of a syntax tree, with {} in the place of each field."""
    formats = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    inside = {id(part) for node in formats for part in ast.walk(node)} - {id(node) for node in formats}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value
