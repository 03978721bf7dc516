"""What the teacher takes away: grades.csv, gradebook.csv for the platform's import, feedback_<lab>.zip."""

import csv
import subprocess
import sys
import zipfile

import nbformat
import pytest

from .exported import bring, notebook, packed, submitted, write_course
from .labs import ROOT
from .test_grading import RIGHT, grade, new_course, submit

sys.path.insert(0, str(ROOT / "tools"))
from collecting import pack_feedback
from marks import COLUMNS
from roster import read_roster
from tables import write_gradebook, write_table


@pytest.fixture
def course(tmp_path):
    return write_course(tmp_path)


def row(student, lab, total="12.5", **more):
    return {"student": student, "lab": lab, "total": total, "max": "20", **more}


def gradebook(folder, rows, roster=None):
    """The lines of the gradebook.csv that these rows of grades.csv give."""
    write_table(folder / "grades.csv", COLUMNS, rows)
    if roster is not None:
        (folder / "roster.csv").write_text(roster)
    write_gradebook(folder)
    with (folder / "gradebook.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_a_gradebook_has_a_line_for_each_student_and_a_column_for_each_lab(tmp_path):
    rows = [row("al1", "tp1"), row("al1", "tp2", "20.5"), row("bo2", "tp2", "0")]
    roster = "name,id,email\nAda Lovelace,al1,ada@uni.edu\nBen Bo,bo2,ben@uni.edu\nCy Li,cy3,cy@uni.edu\n"
    assert gradebook(tmp_path, rows, roster) == [
        ["Full name", "ID number", "Email address", "tp1", "tp2"],
        ["Ada Lovelace", "al1", "ada@uni.edu", "12.5", "20.5"],
        ["Ben Bo", "bo2", "ben@uni.edu", "", "0"],
        ["Cy Li", "cy3", "cy@uni.edu", "", ""],
    ]


def test_a_gradebook_keeps_the_columns_by_which_the_platform_knows_its_students(tmp_path):
    moodles = "First name,Last name,ID number,Email address,Groups\nAda,Lovelace,,Ada@uni.edu,A\n"
    assert gradebook(tmp_path, [row("ada@uni.edu", "tp1")], moodles) == [
        ["First name", "Last name", "ID number", "Email address", "tp1"],
        ["Ada", "Lovelace", "", "Ada@uni.edu", "12.5"],
    ]
    canvas = 'Student,ID,SIS Login ID,Section,tp1 (77)\n    Points Possible,,,,20\n"Lovelace, Ada",11,al1,A,3\n'
    assert gradebook(tmp_path, [row("al1", "tp1")], canvas) == [
        ["Student", "ID", "SIS Login ID", "Section", "tp1"],
        ["Lovelace, Ada", "11", "al1", "A", "12.5"],
    ]


def test_without_a_roster_the_folders_are_the_ids(tmp_path, capsys):
    assert gradebook(tmp_path, [row("ada", "tp1"), row("ada", "tp2"), row("ben", "tp2", "3")]) == [
        ["Full name", "ID number", "Email address", "tp1", "tp2"],
        ["", "ada", "", "12.5", "12.5"],
        ["", "ben", "", "", "3"],
    ]
    assert "no grading/roster.csv, so the ids are the names of the folders" in capsys.readouterr().out


def test_what_is_missing_in_a_gradebook_is_said(tmp_path, capsys):
    failed = {"student": "al1", "lab": "tp2", "to_mark": "everything", "remark": "NOT GRADED: broken"}
    rows = [row("al1", "tp1", to_mark="why"), failed, row("dy", "tp1"), row("Ada Lovelace", "tp1"), row("Li", "tp1")]
    table = gradebook(tmp_path, rows, "name,id,email\nAda Lovelace,al1,a@u.e\nLi,1,\nLi,2,\n")
    assert table[1:] == [["Ada Lovelace", "al1", "a@u.e", "12.5"], ["Li", "1", "", ""], ["Li", "2", "", ""]]
    assert capsys.readouterr().out.splitlines() == [
        "dy/tp1: nobody in roster.csv, left out of gradebook.csv.",
        "Ada Lovelace/tp1: al1 has another folder with this lab, left out of gradebook.csv.",
        "Li/tp1: several students of roster.csv may be meant, left out of gradebook.csv.",
        "gradebook.csv: 2 students have no 'Email address': match students by another column.",
        "gradebook.csv: totals that lack answers to mark by hand: 1 (to_mark in grades.csv).",
    ]


@pytest.mark.parametrize("name", ["=1+1", "+1x", "-rf", "@SUM(A1)", "\t=1+1", "\r=1", "\n=1"])
def test_no_cell_is_a_formula(tmp_path, name):
    write_table(tmp_path / "t.csv", ["student", "total"], [{"student": name, "total": -0.5}, {"student": "a=b"}])
    with (tmp_path / "t.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [["student", "total"], [f"'{name}", "-0.5"], ["a=b", ""]]
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_extra_credit_counts_once_and_alone_marks_a_bonus_question(tmp_path):
    from nbgrader.api import Gradebook

    root = new_course(tmp_path)
    path = root / "solutions" / "tiny" / "tiny.ipynb"
    lab = nbformat.read(path, 4)
    bonus = nbformat.v4.new_markdown_cell("**Model answer.** More.", id="more")
    bonus.metadata = {"nbgrader": {**lab.cells[-1].metadata.nbgrader, "grade_id": "more", "points": 0}}
    lab.cells.append(bonus)
    nbformat.write(lab, path)
    subprocess.run([sys.executable, ROOT / "tools" / "course.py", "exercises", "--root", root], check=True)
    for student in ("ada", "ben", "cy"):
        submit(root, student, "tiny", {**RIGHT, "more": "And more."})
    first = grade(root).rows["ada", "tiny"]
    assert (first["automatic"], first["bonus"], first["total"], first["max"]) == ("5", "0", "5", "6")
    assert first["to_mark"] == "more why"

    with Gradebook(f"sqlite:///{root / 'grading' / 'gradebook.db'}") as marks:
        given = [("ada", "why", 1, 0.5), ("ada", "more", None, 2), ("ben", "why", None, 0.5), ("cy", "why", 1, 0.5)]
        for student, name, points, extra in given:
            mark = marks.find_grade(name, "tiny", "tiny", student)
            mark.manual_score, mark.extra_credit = points, extra
            mark.needs_manual_grade = points is None  # as the formgrader does
        marks.db.commit()
    rows = grade(root).rows
    got = {student: [rows[student, "tiny"][name] for name in COLUMNS[2:-1]] for student in ("ada", "ben", "cy")}
    assert got["ada"] == ["5", "5", "1", "1", "2.5", "8.5", "6", ""]
    assert got["ben"] == ["5", "5", "0", "1", "0", "5", "6", "more why"]
    assert got["cy"] == ["5", "5", "1", "1", "0.5", "6.5", "6", "more"]
    with Gradebook(f"sqlite:///{root / 'grading' / 'gradebook.db'}") as marks:
        assert marks.find_submission("tiny", "ada").score == 8.5
    with (root / "grading" / "gradebook.csv").open() as file:
        assert [line["tiny"] for line in csv.DictReader(file)] == ["8.5", "5", "6.5"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "roster.csv has no student"),
        ("name,id\n", "roster.csv has no student"),
        ("who,mail\nAda,a@b\n", "needs a column of names .* got who, mail: name its columns name, id, email"),
        ("name,id,email\nAda,,\n", 'roster.csv: "Ada" has neither an id nor an e-mail: give one'),
        ("name,id\nAda,1\nBen,1\n", "roster.csv has two students with the id 1"),
    ],
)
def test_a_roster_that_cannot_be_used_says_why(tmp_path, text, said):
    (tmp_path / "roster.csv").write_text(text)
    with pytest.raises(ValueError, match=said):
        read_roster(tmp_path / "roster.csv")


@pytest.mark.parametrize(
    ("place", "back"),
    [
        ("Ada L_11_assignsubmission_file/t.ipynb", "Ada L_11_assignsubmission_file/tiny.html"),
        ("wrap/Ada L_11_assignsubmission_file_/t.zip", "Ada L_11_assignsubmission_file_/tiny.html"),
        ("Ada L_11_assignsubmission_file_t.ipynb", "Ada L_11_assignsubmission_file_tiny.html"),
        ("lada_LATE_11_901_t-1.ipynb", "lada_LATE_11_901_tiny.html"),
        ("ada/tiny/tiny.ipynb", "ada/tiny.html"),
    ],
)
def test_feedback_goes_back_under_the_platforms_own_names(course, capsys, place, back):
    content = packed({"t.ipynb": notebook("tiny")}) if place.endswith(".zip") else notebook("tiny")
    around = "wrap/" if place.startswith("wrap/") else ""
    bring(course, {place: content, f"{around}Ben_12_assignsubmission_file/t.ipynb": notebook("tiny")})
    (student,) = {path.split("/")[0] for path in submitted(course)} - {"Ben"}
    for folder, lab in [(student, "tiny"), (student, "large"), ("by_hand", "tiny")]:
        page = course / "grading" / "feedback" / folder / lab / f"{lab}.html"
        page.parent.mkdir(parents=True)
        page.write_text(f"{folder} {lab}")
    pack_feedback(course, "tiny")
    with zipfile.ZipFile(course / "grading" / "feedback_tiny.zip") as archive:
        assert {name: archive.read(name).decode() for name in archive.namelist()} == {
            back: f"{student} tiny",
            "by_hand/tiny.html": "by_hand tiny",
        }
    assert "Ben: handed in, but has no feedback yet." in capsys.readouterr().out


def test_feedback_of_no_lab_is_one_sentence(course):
    with pytest.raises(FileNotFoundError, match="no feedback in grading/feedback/<student>/tinny/: grade first"):
        pack_feedback(course, "tinny")
