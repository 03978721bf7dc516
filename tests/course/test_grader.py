"""The grader is itself tested: answers that students really give, and the points that each of them must earn.

answers/<lab>/<grade_id>/wrong_<what>.py must lose points, right_<how>.py must keep them all. Each is the whole cell.
wrong_hard_coded.py answers the printed examples and nothing else: a quarter of the points at most.
"""

from functools import cache
from pathlib import Path

import pytest

from .labs import NAMES, Lab

ANSWERS = Path(__file__).parent / "answers"
FILES = sorted(ANSWERS.glob("*/*/*.py"))
lab = cache(Lab)
CELLS = [(name, answer) for name in NAMES for answer in lab(name).answers]


@pytest.fixture(autouse=True)
def _quiet(recwarn):
    """A student's division by zero is not our warning."""


def _id(path):
    return str(path.relative_to(ANSWERS).with_suffix(""))


def _full(name, answer):
    return sum(lab(name).points[tests] for tests in lab(name).tests_of(answer))


@pytest.mark.parametrize("path", FILES, ids=_id)
def test_answer_earns_what_it_deserves(path):
    name, answer = path.parts[-3:-1]
    full = _full(name, answer)
    hard_coded = path.stem == "wrong_hard_coded"
    points, why = lab(name).points_of(answer, path.read_text(encoding="utf-8"), until_loss=not hard_coded)
    if hard_coded:
        assert points <= full / 4, "the printed examples alone earn more than a quarter"
    elif path.name.startswith("wrong_"):
        assert points < full, "a wrong answer earns full points"
    else:
        assert points == full, why


@pytest.mark.parametrize(("name", "answer"), CELLS, ids="/".join)
def test_solution_earns_everything_and_an_untouched_cell_nothing(name, answer):
    points, why = lab(name).points_of(answer, lab(name).answers[answer])
    assert points == _full(name, answer) > 0, why
    assert lab(name).points_of(answer, lab(name).stub(answer))[0] == 0


@pytest.mark.parametrize(("name", "answer"), CELLS, ids="/".join)
def test_five_wrong_and_two_right_answers_are_kept_for_each_cell(name, answer):
    files = [path.name.split("_")[0] for path in (ANSWERS / name / answer).glob("*.py")]
    assert files.count("wrong") >= 5
    assert files.count("right") >= 2
    assert set(files) == {"wrong", "right"}
    assert (ANSWERS / name / answer / "wrong_hard_coded.py").is_file()


@pytest.mark.parametrize("path", sorted(ANSWERS.glob("*/*")), ids=_id)
def test_every_folder_of_answers_is_of_a_cell(path):
    assert (path.parent.name, path.name) in CELLS


@pytest.mark.parametrize("name", NAMES)
def test_a_lab_has_twenty_points_twelve_to_fifteen_of_them_automatic(name):
    assert sum(lab(name).points.values()) == 20
    assert 12 <= sum(lab(name).points[tests] for tests in lab(name).tests) <= 15
    text = lab(name).notebook.cells[0].source
    automatic = sum(lab(name).points[tests] for tests in lab(name).tests)
    assert f"20 points: {automatic:g} checked automatically, {20 - automatic:g} by the teacher." in text


@pytest.mark.parametrize("name", NAMES)
def test_every_tests_cell_belongs_to_an_answer_and_every_answer_has_hidden_tests(name):
    for tests in lab(name).tests:
        assert lab(name).answer_of(tests), tests
    for answer in lab(name).answers:
        assert any("### BEGIN HIDDEN TESTS" in lab(name).tests[tests] for tests in lab(name).tests_of(answer)), answer


@pytest.mark.parametrize("name", NAMES)
def test_every_text_question_has_a_model_answer_and_a_marking_scheme(name):
    for cell in lab(name).notebook.cells:
        if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("grade"):
            assert "**Model answer.**" in cell.source
            assert "½" in cell.source.split("**Marking.**")[1]


@pytest.mark.parametrize("name", NAMES)
def test_a_bonus_has_no_points_but_extra_credit(name):
    heading = ""
    for cell in lab(name).notebook.cells:
        heading = next((line for line in cell.source.splitlines() if "# Question" in line), heading)
        if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("grade"):
            bonus = "(bonus, above the 20 points)" in heading
            assert bonus == (cell.metadata.nbgrader.points == 0) == ("extra credit" in cell.source), heading
