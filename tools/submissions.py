"""What students hand in: which folders and notebooks are meant, and what can be mended in them."""

from pathlib import Path
from typing import NamedTuple

import nbformat
from nbgrader.utils import is_solution
from reasons import Unusable, line


class Mended(NamedTuple):
    """A notebook that can be graded, and what was wrong with it."""

    notebook: nbformat.NotebookNode
    remarks: list


def submissions(folder):
    """Yield the folders submitted/<student>/<lab>; say what lies elsewhere."""
    for student in sorted(path for path in folder.glob("*") if not path.name.startswith(".")):
        if student.is_file():
            print(f"{student.name}: not in a folder <student>/<lab>/, left out.")
            continue
        for path in sorted(path for path in student.glob("*") if not path.name.startswith(".")):
            if path.is_dir():
                yield path
            elif path.suffix == ".ipynb":
                print(f"{student.name}/{path.name}: not in a folder <student>/<lab>/, left out.")


def unwanted(folder, names):
    """Return what is not copied from a submission: hidden files, caches, links (which may point at your files)."""
    return [name for name in names if name.startswith((".", "__")) or Path(folder, name).is_symlink()]


def find_notebook(folder, lab):
    """Return the notebook of a submission, whatever its file is called: the file is renamed."""
    found = sorted(folder.glob("*.ipynb"))
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
    except Exception as error:
        raise Unusable(f"the file is broken, it is not a notebook: {line(error)}") from None
    return Mended(notebook, remarks)


def mend(notebook, exercise):
    """Put back, in `notebook` itself, the lab's cells that were deleted and the tests cells that were changed."""
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
    return Mended(notebook, remarks)
