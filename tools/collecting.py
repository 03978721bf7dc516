"""Bring what a learning platform exports to grading/submitted/<student>/<lab>/<lab>.ipynb.

Known are the names of Moodle (`Ada Lovelace_123_assignsubmission_file/tp.ipynb`, and the same in one name), of Canvas
(`lovelaceada_LATE_123_456_tp.ipynb`) and plain folders (`ada/tp.ipynb`, `ada/<lab>/tp.ipynb`). Which lab a notebook
is of, its cells tell. Whatever is left out gets a line.
"""

import json
import os
import re
import time
import zipfile
from pathlib import PurePosixPath
from typing import NamedTuple

import labs
from exports import entries
from languages import languages
from roster import folder_name, read_roster

MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_[a-z]+(?:_(?P<file>.*))?")
CANVAS = re.compile(r"(?P<name>[^_]+)_(?P<late>LATE_)?(?P<number>\d+)_(?P<attachment>\d+)_(?P<file>.+)")
NOTEBOOKS = {".ipynb", ".json", ".txt", ""}  # what browsers call a notebook that they save
OURS = {"exercises", "notebooks", "tp_visualisation"}  # folders in a student's copy of the course


class Owner(NamedTuple):
    """Who handed a file in, as the platform says it."""

    name: str
    ids: tuple = ()  # what roster.csv may know them by
    number: str = ""  # the platform's own, "" in a plain folder
    prefix: str = ""  # of the names that the platform expects back
    attachment: int = 0  # Canvas': the higher, the later
    late: bool = False


class Found(NamedTuple):
    """A file that was handed in as a notebook."""

    student: str
    lab: str | None  # None: its cells do not tell, or it is broken
    text: bytes
    time: float
    edited: float
    owner: Owner
    said: str  # its place in the export


def collect(root, source, lab=None):
    """Collect an export; `lab`: the one that it is of, else the cells tell. Say what is left out, and what is replaced.

    Raises:
        ValueError: no lab is called so, or it is not clear which lab the export is of, or roster.csv cannot be used.
        FileNotFoundError: `source` is neither a zip nor a folder.
    """
    cells = {name: _ids_in((root / "solutions" / name / f"{name}.ipynb").read_bytes()) for name in labs.names(root)}
    if lab and lab not in cells:
        raise ValueError(f"no lab is called {lab!r}; the labs are {', '.join(cells)}")
    folder = root / "grading"
    roster, listed = read_roster(folder / "roster.csv"), entries(source)
    no_names = {*cells, *OURS, *languages(root)}
    place = _places([entry.parts for entry in listed], no_names)
    owners = [_owner(entry.parts, *place, roster, no_names) for entry in listed]
    wanted = {owner for entry, owner in zip(listed, owners, strict=True) if owner and _named_as_notebook(entry)}
    students = _students(wanted, roster)
    found = []
    for entry, owner in zip(listed, owners, strict=True):
        said = _printable("/".join(entry.parts))
        try:
            text = _notebook(entry, owner)
            its_lab = _lab_of(text, cells)
            if not its_lab and not said.lower().endswith(".ipynb"):
                raise OSError("not a notebook of the course")
        except OSError as error:
            print(f"{said}: {error}, left out.")
            continue
        student = students[owner.name, owner.number]
        found.append(Found(student, its_lab, text, entry.time or time.time(), entry.edited, owner, said))
    chosen = _one_for_each(_of_the_lab(found, lab), list(cells))
    _file(folder, chosen)
    if missing := {student.id for student in roster.students} - {one.student for one in chosen}:
        print(f"Nothing from {', '.join(sorted(missing))}.")


def pack_feedback(root, lab):
    """Pack the pages of grading/feedback/ into feedback_<lab>.zip, named as the platform wants them back.

    Raises:
        FileNotFoundError: there is no page of this lab.
    """
    folder = root / "grading"
    pages = sorted(folder.glob(f"feedback/*/{lab}/{lab}.html"))
    if not pages:
        raise FileNotFoundError(f"no feedback in grading/feedback/<student>/{lab}/: grade first, LAB is a lab's name.")
    prefixes = _memory(folder).get(lab, {})
    with zipfile.ZipFile(folder / f"feedback_{lab}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for page in pages:
            student = page.parent.parent.name
            archive.write(page, prefixes.get(student, f"{student}/") + page.name)
    for student in sorted(set(prefixes) - {page.parent.parent.name for page in pages}):
        print(f"{student}: handed in, but has no feedback yet.")
    print(f"grading/feedback_{lab}.zip: {len(pages)} pages.")


def _notebook(entry, owner):
    """Return the bytes, in UTF-8, of what may be a notebook; an OSError says why not."""
    if entry.problem:
        raise OSError(entry.problem)
    if not owner:
        raise OSError("whose is it? No folder and no name says so")
    if not _named_as_notebook(entry):
        raise OSError("not a notebook")
    text = entry.read()
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        return text.decode("utf-16", errors="replace").encode()
    return text.removeprefix(b"\xef\xbb\xbf")  # the mark that Windows puts before a text


def _named_as_notebook(entry):
    return not entry.problem and PurePosixPath(entry.parts[-1]).suffix.lower() in NOTEBOOKS


def _owner(parts, first, last, roster, no_names):
    """Return who handed in the file at `parts`; None where nothing tells.

    Deeper than `last`, names are the students' own, and anybody could write somebody else's.
    """
    for part in parts[: last + 1]:
        if moodle := MOODLE.fullmatch(part):
            prefix = part + "/" if moodle["file"] in (None, "") else part.removesuffix(moodle["file"])
            number = moodle["number"]
            return Owner(moodle["name"], (f"participant {number}",), number, prefix)
        if canvas := CANVAS.fullmatch(part):
            prefix, number = part.removesuffix(canvas["file"]), canvas["number"]
            ids = (f"canvas {number}",)
            return Owner(canvas["name"], ids, number, prefix, int(canvas["attachment"]), bool(canvas["late"]))
    folders = [re.sub(r"\.zip$", "", part, flags=re.IGNORECASE) for part in parts[:-1]]
    known = [name for name in folders[: last + 1] if len(roster.find(name, name)) == 1]
    names = known or [name for name in folders[first : last + 1] if name not in no_names]
    return Owner(names[0], (names[0],), "", f"{names[0]}/") if names and folder_name(names[0]) else None


def _places(paths, no_names):
    """Return at which depths of the paths students are named: the first after the folders around all, the last.

    Around all are the folders in which every path begins, but a student's own if there is only one student.
    """
    shared = 0
    while len({path[: shared + 1] for path in paths}) == 1 and all(len(path) > shared + 1 for path in paths):
        shared += 1
    first = 0
    while first < shared and all(len(path) > first + 2 for path in paths):
        if {path[first + 1] for path in paths} & no_names:
            break
        first += 1
    return first, shared


def _students(owners, roster):
    """Return the folder's name of each owner, by name and number; say who is not in roster.csv."""
    students = {}
    for owner in sorted(owners):
        meant = roster.find(owner.name, *owner.ids)
        key = owner.name, owner.number
        if key in students:
            continue
        students[key] = meant[0].id if len(meant) == 1 else folder_name(owner.name) or f"student_{owner.number}"
        if roster.students and len(meant) != 1:
            why = "is not in roster.csv" if not meant else "may be several students of roster.csv"
            print(f"{_printable(owner.name)} {why}, filed under {students[key]}.")
    names = [student.lower() for student in students.values()]
    for (name, number), student in students.items():
        if names.count(student.lower()) > 1 and number:  # two people of one name
            students[name, number] = f"{student}_{number}"
            print(f"{_printable(name)} is there twice, filed under {student}_{number}.")
    return students


def _of_the_lab(found, lab):
    """Return the notebooks with their labs; leave out those that are of another lab than the export."""
    told = [one.lab for one in found if one.lab and one.owner.number]
    if told and not lab:  # a platform exports one lab at a time
        ranked = sorted(set(told), key=told.count)
        if len(ranked) > 1 and told.count(ranked[-1]) == told.count(ranked[-2]):
            raise ValueError(f"is this export of {' or of '.join(sorted(ranked[-2:]))}? Say it with LAB=<lab>.")
        lab = ranked[-1]
    has_one = {one.student for one in found if one.lab}
    for one in found:
        if lab and one.lab not in (None, lab):
            print(f"{one.said}: a notebook of {one.lab}, not of {lab}, left out.")
        elif one.lab or (lab and one.student not in has_one):
            yield one._replace(lab=one.lab or lab)
        else:
            print(f"{one.said}: not a notebook with cells of a lab, left out.")


def _one_for_each(found, order):
    """Return the newest notebook of each student and lab; say the others."""
    newest = {}
    for one in sorted(found, key=lambda one: (one.owner.attachment, one.time, one.edited, one.said)):
        if before := newest.get((one.student, one.lab)):
            print(f"{before.said}: {one.student} has handed in a newer one, {one.said}, left out.")
        newest[one.student, one.lab] = one
    return sorted(newest.values(), key=lambda one: (order.index(one.lab), one.student))


def _file(folder, found):
    """Write the notebooks into submitted/, and what the platform calls each student into collected.json."""
    memory, counts = _memory(folder), {"new": 0, "replaced": 0, "unchanged": 0}
    for one in found:
        target = folder / "submitted" / one.student / one.lab / f"{one.lab}.ipynb"
        places = [target, *target.parents[:2]]
        memory.setdefault(one.lab, {})[one.student] = one.owner.prefix
        if any(place.is_symlink() for place in places):
            print(f"{one.said}: grading/submitted/{one.student}/{one.lab} is a link, left out.")
            continue
        if target.exists():
            time_there = target.stat().st_mtime
            if target.read_bytes() == one.text:
                counts["unchanged"] += 1
                continue
            if time_there > one.time + 2:  # a zip counts in steps of two seconds
                print(f"{one.said}: older than the one of {_date(time_there)} that is there, left out.")
                continue
            print(f"{one.student}/{one.lab}: {one.said} replaces the one of {_date(time_there)}.")
            counts["replaced"] += 1
        else:
            counts["new"] += 1
        if one.owner.late:
            print(f"{one.student}/{one.lab}: handed in late.")
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(".unfinished")
        unfinished.write_bytes(one.text)
        os.utime(unfinished, (one.time, one.time))
        os.replace(unfinished, target)
    folder.mkdir(exist_ok=True)
    (folder / "collected.json").write_text(json.dumps(memory, indent=1, ensure_ascii=False), encoding="utf-8")
    said = ", ".join(f"{count} {what}" for what, count in counts.items())
    print(f"{said} of {', '.join(sorted({one.lab for one in found})) or 'no lab'}, in grading/submitted/.")


def _memory(folder):
    """Return lab → student → prefix of the names that the platform expects back."""
    path = folder / "collected.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _lab_of(text, cells):
    """Return the lab that most of a notebook's cells are of, None where they do not tell."""
    ids = _ids_in(text)
    counts = sorted((len(ids & cells[name]), name) for name in cells)
    unclear = len(counts) > 1 and counts[-1][0] == counts[-2][0]
    return None if not counts or counts[-1][0] == 0 or unclear else counts[-1][1]


def _ids_in(text):
    """Return the names that nbgrader gave to the cells of a notebook; none of what is not one."""
    try:
        cells = json.loads(text)["cells"]
        return {str(cell["metadata"]["nbgrader"]["grade_id"]) for cell in cells if "nbgrader" in cell["metadata"]}
    except (ValueError, KeyError, TypeError, RecursionError):
        return set()


def _printable(text):
    """Return a name without what would move the cursor or colour the terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _date(seconds):
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
