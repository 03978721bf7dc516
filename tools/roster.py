"""grading/roster.csv: who is in the course, under which name, id and e-mail.

A file of your own with the columns name, id, email, or what the platform exports: Moodle's participants, its
gradebook or an assignment's grading worksheet, Canvas' gradebook.
"""

import csv
import io
import re
import unicodedata
from typing import NamedTuple

MEANS = {  # the heading of a column, in lower case → what it holds
    **dict.fromkeys(["name", "full name", "student", "student name", "nom complet", "étudiant"], "name"),
    **dict.fromkeys(["first name", "firstname", "given name", "prénom"], "first"),
    **dict.fromkeys(["last name", "lastname", "surname", "family name", "nom", "nom de famille"], "last"),
    **dict.fromkeys(["id number", "idnumber", "student id", "sis user id", "numéro d'identification"], "id"),
    **dict.fromkeys(["username", "login", "sis login id", "nom d'utilisateur"], "login"),
    **dict.fromkeys(["email", "e-mail", "email address", "adresse de courriel"], "email"),
    **dict.fromkeys(["id", "identifier"], "number"),
    "section": "section",
}
IMPORTED = {"name": "Full name", "id": "ID number", "email": "Email address"}  # headings that Moodle knows


class Student(NamedTuple):
    """One line of roster.csv."""

    id: str  # the name of the student's folder
    name: str
    known_as: frozenset  # ids, login and e-mail, in lower case
    cells: dict  # heading → what the line says, for gradebook.csv


class Roster:
    """The students of a course. `headings` are those of gradebook.csv's first columns."""

    def __init__(self, students, headings):
        self.students, self.headings = students, headings

    def find(self, name, *ids):
        """Return the students that are meant: those with one of the ids (login, e-mail), else those of this name.

        Names are compared by their words, in any order, with or without accents.
        """
        ids = {known for word in ids for known in _known(word)}
        found = [student for student in self.students if ids & student.known_as]
        return found or [student for student in self.students if _same_name(name, student.name)]


def read_roster(path):
    """Return the `Roster` of a CSV file; one without students where there is no file.

    Raises:
        ValueError: the file has no column of names, or a student without id and e-mail, or twice the same.
    """
    if not path.exists():
        return Roster([], list(IMPORTED.values()))
    rows = _rows(path)
    canvas = any(heading.strip().lower() == "sis login id" for heading in rows[0])  # where ID is a number of its own
    means, headings = {}, {}
    for heading in rows[0]:
        word = heading.strip().lower()
        if word in MEANS:
            means[heading] = "id" if word == "id" and not canvas else MEANS[word]
            headings[heading] = heading.strip() if canvas else IMPORTED.get(word, heading.strip())
    if not {"name", "last"} & set(means.values()) or not {"id", "login", "email", "number"} & set(means.values()):
        raise ValueError(
            f"{path.name} needs a column of names (name, or first name and last name) and one of ids or e-mails "
            f"(id, email), got {', '.join(filter(None, rows[0]))}: name its columns name, id, email."
        )
    students = [_student(row, means, headings, path) for row in rows if not _no_student(row, means)]
    ids = [student.id.lower() for student in students]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise ValueError(f"{path.name} has two students with the id {', '.join(twice)}: give each an id of their own.")
    return Roster(students, list(headings.values()))


def folder_name(text):
    """Return a text as the name of a folder: letters, figures and . _ @ - only, beginning with none of . @ -."""
    letters = unicodedata.normalize("NFC", text)
    kept = (letter.isalnum() or letter in "._@-" or unicodedata.category(letter).startswith("M") for letter in letters)
    words = "".join(letter if keep else " " for letter, keep in zip(letters, kept, strict=True)).split()
    return "_".join(words)[:60].strip("_.@-")


def _rows(path):
    """Return the lines of a CSV file as dicts, whatever spreadsheet wrote it."""
    raw = path.read_bytes()
    for encoding in ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise ValueError(f"{path.name} is neither UTF-8 nor Windows text: save it as CSV UTF-8.")
    first = text.lstrip().split("\n")[0]
    separator = max(",;\t", key=first.count)
    rows = list(csv.DictReader(io.StringIO(text.lstrip(), newline=""), delimiter=separator))
    if not rows:
        raise ValueError(f"{path.name} has no student: it needs a line of headings and a line for each of them.")
    return [{heading: value or "" for heading, value in row.items() if heading is not None} for row in rows]


def _student(row, means, headings, path):
    """Return the student of one line."""
    said = {meaning: row[heading].strip() for heading, meaning in means.items() if row[heading].strip()}
    name = said.get("name") or f"{said.get('first', '')} {said.get('last', '')}".strip()
    ids = [said[meaning] for meaning in ("id", "login", "email", "number") if meaning in said]
    if not ids or not folder_name(ids[0]):
        raise ValueError(f'{path.name}: "{name}" has neither an id nor an e-mail: give one.')
    if "number" in said and ids[-1].isdecimal():
        ids[-1] = f"canvas {ids[-1]}"
    known_as = frozenset(known for word in ids for known in _known(word))
    return Student(folder_name(ids[0]), name, known_as, {headings[heading]: row[heading].strip() for heading in means})


def _no_student(row, means):
    """Tell an empty line, and the lines of Canvas that are nobody's, from a student's."""
    said = [row[heading].strip() for heading in means]
    return not any(said) or said[0] in ("Points Possible", "Student, Test")


def _known(word):
    return {word.strip().lower(), folder_name(word).lower()}


def _same_name(one, other):
    """Compare two names by their letters, word by word in any order, or written as one word."""
    one, other = _words(one), _words(other)
    return bool(one) and (sorted(one) == sorted(other) or _glued(one) & _glued(other) != set())


def _words(name):
    letters = unicodedata.normalize("NFKD", name.casefold().replace("_", " "))
    return re.findall(r"\w+", "".join(letter for letter in letters if not unicodedata.combining(letter)))


def _glued(words):
    """The words as one, as Canvas writes them, the family name first or last."""
    return {"".join(words[place:] + words[:place]) for place in range(len(words))}
