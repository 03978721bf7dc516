"""What a lab asks: the title of each of its questions and tests, its model answers and marking lines."""

from functools import lru_cache
from typing import NamedTuple

import labs
import nbformat
from cleaning import html_of
from languages import words
from nbgrader.utils import is_grade, is_solution


class Question(NamedTuple):
    """A graded cell or an answer cell of a lab."""

    title: str
    model_answer: str = ""  # HTML, with the marking lines; only written answers have one


def questions(root, lab, language=""):
    """Return {grade_id: Question} of a lab in a language of the course.

    A written answer is called by the heading above it, "Question 2. The limits"; a test by the heading, its answer and
    what its own name adds: "1. The order of the pixels: pixel_order, ties" is the cell `test_pixel_order_ties`.
    """
    path = labs.path(root, lab, language)
    return _questions(path, root, language, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _questions(path, root, language, _):
    said = words(root, language)
    cells = nbformat.read(path, 4).cells
    answers = [cell.metadata.nbgrader.grade_id for cell in cells if cell.cell_type == "code" and is_solution(cell)]
    found, heading = {}, ""
    for cell in cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if cell.cell_type == "markdown" and name is None:
            headings = [line.lstrip("# ") for line in cell.source.splitlines() if line.startswith("#")]
            heading = headings[-1] if headings else heading
        elif cell.cell_type == "markdown":
            found[name] = Question(heading or name, html_of(cell.source))
        elif is_solution(cell) or is_grade(cell):
            answer = max((known for known in answers if f"{name}_".startswith(f"test_{known}_")), key=len, default=name)
            part = name.removeprefix(f"test_{answer}").replace("_", " ").strip()
            title = answer if answer == name else f"{answer}, {part or said['tests']}"
            found[name] = Question(
                said["{heading}: {title}"].format(heading=heading, title=title) if heading else title
            )
    return found
