"""What the gradebook has of a submission: its row of grades.csv, and the page that the student gets."""

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

from nbgrader.api import Gradebook, MissingEntry
from pages import feedback_page
from reasons import Unusable

COLUMNS = ["student", "lab", "automatic", "automatic_max", "manual", "manual_max"]
COLUMNS += ["bonus", "total", "max", "to_mark", "remark"]


class Marks(NamedTuple):
    """What the gradebook has of a submission."""

    row: dict  # of grades.csv
    comments: list  # (name, comment)


def marks_of(config, student, lab, remarks):
    """Return the marks of one submission, from the gradebook: total = automatic + manual + bonus."""
    with Gradebook(config.CourseDirectory.db_url) as gradebook:
        try:
            submission = gradebook.find_submission_notebook(lab, lab, student)
        except MissingEntry:
            raise Unusable("the gradebook has lost it; grade again with AGAIN=1") from None
        for grade in submission.grades:
            _settle_bonus(grade)
        gradebook.db.commit()
        written = {cell.name for cell in submission.notebook.solution_cells}
        automatic = [grade for grade in submission.grades if grade.name not in written]
        manual = [grade for grade in submission.grades if grade.name in written]
        row = {
            "student": student,
            "lab": lab,
            "automatic": _sum(grade.score - _bonus(grade) for grade in automatic),
            "automatic_max": _sum(grade.max_score for grade in automatic),
            "manual": _sum(grade.score - _bonus(grade) for grade in manual),
            "manual_max": _sum(grade.max_score for grade in manual),
            "bonus": _sum(map(_bonus, submission.grades)),
            "total": _sum(grade.score for grade in submission.grades),
            "max": _sum(grade.max_score for grade in submission.grades),
            "to_mark": " ".join(sorted(grade.name for grade in submission.grades if grade.needs_manual_grade)),
            "remark": "; ".join(remarks),
        }
        comments = [(comment.name, comment.comment) for comment in submission.comments]
    return Marks(row, sorted(comments, key=str))


def write_feedback(config, student, lab, marks, graded, hidden=True):
    """Write grading/feedback/<student>/<lab>/<lab>.html, unless it shows these marks already; return their hash."""
    digest = hashlib.sha256(json.dumps([*marks, graded.digest, hidden]).encode()).hexdigest()
    page = Path(config.CourseDirectory.root, "grading", "feedback", student, lab, f"{lab}.html")
    if graded.feedback != digest or not page.exists():
        page.parent.mkdir(parents=True, exist_ok=True)
        html = feedback_page(config, student, lab, marks.row["to_mark"].split(), hidden)
        page.write_text(html, encoding="utf-8")
    return digest


def _settle_bonus(grade):
    """Extra credit alone marks a question of 0 points; nbgrader would not count it, and wait for a mark."""
    if grade.extra_credit and grade.max_score == 0 and grade.manual_score is None:
        grade.manual_score, grade.needs_manual_grade = 0, False


def _bonus(grade):
    """Return the extra credit that nbgrader has added to the score: none where the answer has no mark yet."""
    marked = grade.manual_score is not None or grade.auto_score is not None
    return (grade.extra_credit or 0) if marked else 0


def _sum(points):
    return f"{sum(points):g}"
