"""What students hand in: which folders and notebooks are meant, and what can be mended in them."""

import importlib.util
import json
import os
import sys
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

import nbformat
from cleaning import plain
from languages import ELSEWHERE
from nbgrader.utils import is_grade, is_solution, parse_utc
from parsing import parse
from reasons import Unusable, line

MEGABYTES = 100  # of one submission
NOT_IN_NAMES = set('*?[]{}\\"<>&|:;+')  # nbgrader takes folders for patterns, and puts names into pages


class Mended(NamedTuple):
    """A notebook that can be graded, and what was wrong with it."""

    notebook: nbformat.NotebookNode
    remarks: list


def submissions(folder):
    """Yield the folders submitted/<student>/<lab>, links too; say what lies elsewhere."""
    for student in sorted(path for path in folder.glob("*") if not path.name.startswith(".")):
        if not student.is_dir():
            print(plain(f"{student.name}: not in a folder <student>/<lab>/, left out."))
            continue
        for path in sorted(path for path in student.glob("*") if not path.name.startswith(".")):
            if path.is_dir() or path.is_symlink():
                yield path
            elif path.suffix == ".ipynb":
                print(plain(f"{student.name}/{path.name}: not in a folder <student>/<lab>/, left out."))


def check(path):
    """Raise `Unusable` where a folder <student>/<lab> is a link, has a name that cannot be used, or is too large."""
    for folder in (path.parent, path):
        if folder.is_symlink():
            raise Unusable(f"the folder {folder.name} is a link: put a copy of what it leads to in its place")
        signs = sorted(NOT_IN_NAMES & set(folder.name)) + ["a line break"] * (not folder.name.isprintable())
        if signs:
            raise Unusable(f"the folder's name has {' '.join(signs)}: rename it with letters and digits")
    sizes = [os.lstat(Path(folder, name)).st_size for folder, _, names in os.walk(path) for name in names]
    if sum(sizes) > MEGABYTES * 10**6 or len(sizes) > 1000:
        what = f"{len(sizes)} files, {sum(sizes) / 10**6:.0f} MB"
        raise Unusable(f"the folder holds {what}: leave the notebook there, at most {MEGABYTES} MB and 1000 files")


def unwanted(folder, names):
    """Return what is not copied from a submission: hidden files, caches, links, pipes and sockets."""
    paths = {name: Path(folder, name) for name in names}
    odd = [name for name, path in paths.items() if path.is_symlink() or not (path.is_file() or path.is_dir())]
    stamps = [name for name in names if name == "timestamp.txt" and not _is_time(paths[name])]
    return [name for name in names if name.startswith((".", "__")) or name in odd + stamps]


def _is_time(path):
    try:
        return bool(parse_utc(path.read_text(encoding="utf-8").strip()))
    except Exception:  # of the library that reads dates, or a folder
        return False


def odd_files(path):
    """Return a remark for each thing beside the notebook that is not used, and why."""
    names = sorted(entry.name for entry in os.scandir(path))
    left = [name for name in unwanted(path, names) if not name.startswith((".", "__"))]
    remarks = [f"{name} is a link, a pipe or not what its name says: left out" for name in left]
    modules = {name: name.removesuffix(".py") for name in names if name.endswith(".py") or Path(path, name).is_dir()}
    for name, module in modules.items():
        if module in sys.stdlib_module_names or (module.isidentifier() and importlib.util.find_spec(module)):
            remarks.append(f"{name} has the name of a library: not used")
    return remarks


def find_notebook(folder, lab):
    """Return the notebook of a submission, whatever its file is called: the file is renamed."""
    found = sorted(path for path in folder.glob("*.ipynb") if path.is_file())
    wanted, remarks = folder / f"{lab}.ipynb", []
    if wanted not in found:
        if not found:
            raise Unusable("no notebook in the folder")
        if len(found) > 1:
            raise Unusable(f"no {lab}.ipynb, and which of {', '.join(path.name for path in found)} is meant?")
        remarks = [f"the file was named {found[0].name}"]
        found[0].rename(wanted)
    try:
        notebook = nbformat.read(wanted, 4)
        nbformat.validate(notebook)
        whole = json.dumps(notebook, ensure_ascii=False).encode(errors="replace")  # halves of characters become "?"
        notebook = nbformat.from_dict(json.loads(whole))
    except Exception as error:
        raise Unusable(f"the file is broken, it is not a notebook: {line(error)}") from None
    for cell in notebook.cells:
        known = cell.metadata.get("nbgrader", {})
        if not (isinstance(known, dict) and isinstance(known.get("grade_id", ""), str)):
            del cell.metadata["nbgrader"]
    return Mended(notebook, remarks)


def mend(notebook, exercise, elsewhere=ELSEWHERE):
    """Put back, in `notebook` itself, the lab's cells that were deleted and the tests cells that were changed.

    `elsewhere`: what stands above a written answer that was found in another cell.
    """
    order = [cell for cell in exercise.cells if "nbgrader" in cell.metadata]
    ids = [cell.metadata.nbgrader.grade_id for cell in order]
    place, remarks = {}, []  # the last cell of each id counts, as for nbgrader
    for index, cell in enumerate(notebook.cells):
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in place:
            remarks.append(f"cell {name} is there twice, the last one counts")
            del notebook.cells[place[name]].metadata["nbgrader"]
        if name in ids:
            place[name] = index
        elif "nbgrader" in cell.metadata:
            del cell.metadata["nbgrader"]
    deleted = [name for name in ids if name not in place]
    if len(deleted) == len(ids):
        raise Unusable("none of the lab's cells is in the notebook")

    remarks += _moved(ids, sorted(place, key=place.get))
    cells = {name: notebook.cells[index] for name, index in place.items()}
    previous = None
    for cell, name in zip(order, ids, strict=True):
        kind = "answer" if is_solution(cell) else "tests"
        if name in deleted:
            cells[name] = nbformat.from_dict(cell)
            where = 0 if previous is None else notebook.cells.index(previous) + 1
            notebook.cells.insert(where, cells[name])
            remarks.append(f"{kind} cell {name} was deleted, put back")
        elif kind == "tests" and cells[name].source.strip() != cell.source.strip():
            cells[name].source = cell.source
            remarks.append(f"tests cell {name} was changed, put back")
        if cells[name].cell_type != cell.cell_type:
            remarks.append(f"cell {name} had become {cells[name].cell_type}")
            changed = nbformat.from_dict(cell)
            changed.source = cells[name].source
            notebook.cells[notebook.cells.index(cells[name])] = cells[name] = changed
        cells[name].metadata.nbgrader = cell.metadata.nbgrader
        previous = cells[name]
    remarks += _put_setup_back(notebook, exercise)
    remarks += _gather_texts(notebook, exercise, elsewhere)
    return Mended(notebook, remarks)


def is_setup(cell):
    return cell.cell_type == "code" and "setup" in cell.metadata.get("tags", [])


def _moved(ids, found):
    """Return a remark on the cells that do not stand in the lab's order; they run in it."""
    blocks = SequenceMatcher(None, [name for name in ids if name in found], found, autojunk=False).get_matching_blocks()
    in_place = {name for block in blocks for name in found[block.b : block.b + block.size]}
    moved = [name for name in found if name not in in_place]
    return [f"cells moved: {', '.join(moved)} (they are run in the lab's order)"] if moved else []


def _put_setup_back(notebook, exercise):
    """Put the lab's setup cells back where lines of them are gone; the lab's own are run in any case."""
    remarks = []
    lines = {line.strip() for cell in notebook.cells if cell.cell_type == "code" for line in cell.source.splitlines()}
    for index, cell in enumerate(exercise.cells):
        missing = [line for line in cell.source.splitlines() if line.strip() and line.strip() not in lines]
        if is_setup(cell) and missing:
            notebook.cells.insert(index, nbformat.from_dict({**cell, "id": f"{cell.id}-again"}))
            remarks.append(f"a setup cell lacks `{missing[0].strip()[:40]}`, put back")
    return remarks


def _gather_texts(notebook, exercise, elsewhere):
    """Copy what was written in cells beside an untouched written answer into it, so that it is marked by hand."""
    stubs = {cell.metadata.nbgrader.grade_id: cell.source.strip() for cell in exercise.cells if _is_text(cell)}
    given = {cell.source.strip() for cell in exercise.cells} | {""}
    remarks, beside, previous = [], [], None
    for cell in [*notebook.cells, None]:
        if cell is not None and "nbgrader" not in cell.metadata:
            if cell.source.strip() not in given and (cell.cell_type != "code" or not _is_python(cell.source)):
                beside.append(cell.source)
            continue
        for owner in (previous, cell):
            if beside and owner is not None and _is_text(owner):
                name = owner.metadata.nbgrader.grade_id
                if owner.source.strip() in ("", stubs[name]):
                    owner.source = "\n\n".join([elsewhere, *beside])
                    beside = []
                    remarks.append(f"answer {name} was written in another cell, copied into its own")
        beside, previous = [], cell
    return remarks


def _is_python(source):
    try:
        return bool(parse(source).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source.lstrip()[:1] in ("%", "!")


def _is_text(cell):
    return cell.cell_type == "markdown" and is_grade(cell) and is_solution(cell)
