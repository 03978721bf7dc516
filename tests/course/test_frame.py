"""The frame of each lesson: what it is for, where it leads, questions before the run, what to take away."""

import re

import nbformat
import pytest

from .labs import notebooks

LESSONS = [path for path in notebooks() if path.parent.name == "notebooks"]
LABS = [path for path in notebooks() if path.parent.name != "notebooks"]
WORDS = 3000  # a lesson reads in an hour, its pictures and code included
FOLDED = "<details><summary>Answer</summary>"


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def texts(request):
    return read(request.param)


def read(path):
    return [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "markdown"]


def test_titles_are_numbered():
    for kind, paths in {"Lesson": LESSONS, "Lab": LABS}.items():
        for number, path in enumerate(paths, start=1):
            assert read(path)[0].startswith(f"# {kind} {number}. "), path.name


def test_a_lesson_begins_with_what_it_is_for(texts):
    for part in ["**You will be able to**", "**You need**", "**Minutes**", "(glossary.md)"]:
        assert part in texts[0], part
    minutes = re.search(r"\*\*Minutes\*\*.*?(?=\n\n)", texts[0], re.DOTALL)[0]
    assert 30 <= sum(int(number) for number in re.findall(r" (\d+)(?=\s*(?:[,.;·]|min))", minutes)) <= 60


def test_minutes_are_written_in_one_way(texts):
    minutes = re.search(r"\*\*Minutes\*\*: (.*?\d)\.\s", texts[0], re.DOTALL)[1]
    for part in minutes.split(" · "):
        assert re.fullmatch(r"[^:·]+: \d+", part), part


def test_a_lesson_ends_with_what_to_take_away(texts):
    end = "\n\n".join(texts)
    parts = ["What you should know now", "Misconceptions", "Exercises", "In 2026", "To read"]
    places = [end.index(part) for part in parts]
    assert places == sorted(places)
    exercises = end[places[2] :].split("\n## ")[0]
    stars = [len(row) for row in re.findall("★+", exercises)]
    assert 3 <= len(stars) == exercises.count(FOLDED)
    assert stars == sorted(stars)


def test_a_reader_predicts_before_he_runs(texts):
    asked = [number for number, text in enumerate(texts) if "**Predict" in text]
    assert len(asked) >= 2
    for question in asked:
        assert any("<details>" in text for text in texts[question : question + 3])


def test_what_is_folded_unfolds(texts):
    for text in texts:
        assert text.count("<details>") == text.count("</details>") == text.count("<summary>")
        assert not re.search(r"</summary>\n[^\n]", text), "markdown behind </summary> wants an empty line"


def test_a_lesson_reads_in_an_hour(texts):
    assert sum(len(text.split()) for text in texts) <= WORDS


def test_links_between_lessons_and_labs():
    for number, (lesson, lab) in enumerate(zip(LESSONS, LABS, strict=True)):
        first = read(lesson)[0]
        assert f"(../exercises/{lab.stem}/{lab.name})" in first
        if number + 1 < len(LESSONS):
            assert f"({LESSONS[number + 1].name})" in first
        assert f"{lesson.name})" in read(lab)[0]
