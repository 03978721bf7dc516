"""A submission in French gets the points of an English one, and feedback in French."""

import re
import shutil

import pytest

from .labs import ROOT, Lab
from .test_grading import grade, new_course, submit

LAB = "tp1_gradient_saliency"


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The rows and pages of four submissions: a right one in each language, an empty and a mended one in French."""
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
    run = grade(root, "--jobs", "2")
    pages = root.glob("grading/feedback/*/*/*.html")
    run.pages = {path.parts[-3]: re.sub(r"</?span[^>]*>", "", path.read_text()) for path in pages}
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
