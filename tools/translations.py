"""`make translations`: the course in the languages of locale/, from the English notebooks.

locale/<language>/<notebook>.po is brought up to date: a new piece has no translation, a changed one keeps that of the
piece it was, and is fuzzy until someone has looked at it. Then notebooks/<language>/ and solutions/<language>/ are
written; `make exercises`, which follows, writes exercises/<language>/. A notebook is begun with an empty .po of its
name.
"""

import argparse
import difflib
import os
import posixpath
import re
import sys
from functools import partial
from pathlib import Path
from typing import NamedTuple

import labs
import nbformat
import polib
import prose
from languages import OPEN_IN_COLAB, WORDS, catalogue, languages, read, words
from proofreading import problems, typeset

LINK = re.compile(r"(\]\()((?!https?:|#)[^)#\s]+)")
BADGE = re.compile(r"(/students(?:/|\?labpath=)(?:notebooks|exercises)/)((?:\w+/)?(\w+)\.ipynb)")
PAGES = ["INSTRUCTORS.md", "docs/index.md", "tools/students.md"]  # teachers; the site's first page; what students get
ALIKE = 0.6  # of 1: a piece that is no nearer to a vanished one than this is new, not changed


class Piece(NamedTuple):
    """What a translator sees of a piece of a notebook."""

    text: str
    kind: str  # "heading", "paragraph", "item", "row", "html", "formula", "comment", "docstring", "string"
    cells: tuple  # the ids of the cells where it stands


def sources(root):
    """Return {name: path} of what is translated: lessons, the pages beside them, labs, and pages of the course."""
    paths = [*root.glob("notebooks/*.ipynb"), *root.glob("notebooks/*.md")]
    paths = [*sorted(paths), *(labs.path(root, lab) for lab in labs.names(root)), *(root / page for page in PAGES)]
    return {path.stem: path for path in paths if path.is_file()}


def pieces(path):
    """Return the pieces of a notebook or page, each text once, in the order in which they are read."""
    found = {}

    def note(text, kind, cell):
        if kind != "lookup":
            found.setdefault(text, [kind, []])[1].append(cell)
        return text

    for cell, kind, source in cells(path):
        rewrite = prose.code if kind == "code" else prose.markdown
        rewrite(source, partial(note, cell=cell))
    return [Piece(text, kind, tuple(dict.fromkeys(cells))) for text, (kind, cells) in found.items()]


def cells(path):
    """Yield (id, "markdown" or "code", source) of what a notebook or page holds."""
    if path.suffix == ".md":
        yield path.stem, "markdown", path.read_text(encoding="utf-8")
        return
    for cell in nbformat.read(path, 4).cells:
        yield cell.id, cell.cell_type, cell.source


def merge(its, path, memory):
    """Bring a .po file up to date with the pieces `its`; `memory`: translations from elsewhere, {English: other}."""
    old = {entry.msgid: entry for entry in catalogue(path)}
    gone = [text for text in old if text not in {piece.text for piece in its} and old[text].msgstr]
    new = polib.POFile(wrapwidth=0)
    new.metadata = {"Language": path.parent.name, "Content-Type": "text/plain; charset=UTF-8"}
    new.metadata["Content-Transfer-Encoding"] = "8bit"
    for piece in its:
        entry = polib.POEntry(msgid=piece.text, comment=piece.kind, occurrences=[(cell, "") for cell in piece.cells])
        if piece.text in old:
            kept = old[piece.text]
            entry.msgstr, entry.flags, entry.tcomment = kept.msgstr, kept.flags, kept.tcomment
            entry.previous_msgid = kept.previous_msgid if kept.fuzzy else None
        elif piece.text in memory:
            entry.msgstr = memory[piece.text]
            entry.flags = ["same"] if entry.msgstr == piece.text else []
        elif near := difflib.get_close_matches(piece.text, gone, n=1, cutoff=ALIKE):
            entry.msgstr, entry.flags = old[near[0]].msgstr, ["fuzzy"]
            entry.previous_msgid = near[0]
        if path.parent.name == "fr":
            entry.msgstr = typeset(entry.msgstr)
        new.append(entry)
    text = str(new) + "\n"
    if path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def wanted(root):
    """Return {name: pieces} of all that is translated, with "course", the words of the machinery."""
    course = [Piece(text, "string", ()) for text in WORDS]
    return {name: pieces(path) for name, path in sources(root).items()} | {"course": course}


def update(root, language):
    """Bring every .po file of a language up to date. What one of them says is offered to the others."""
    paths, known = sorted(root.glob(f"locale/{language}/*.po")), wanted(root)
    for path in paths:
        if path.stem not in known:
            names = ", ".join(known)
            raise ValueError(f"locale/{language}/{path.name} is of no notebook, its name must be one of {names}.")
    memory = {text: said for path in paths for text, said in read(path).items()}
    for path in paths:
        merge(known[path.stem], path, memory)


def faults(root, language, name):
    """Return a line for each entry of a .po file that is missing, fuzzy or not a faithful translation."""
    said = []
    for entry in catalogue(root / "locale" / language / f"{name}.po"):
        why = ["missing"] * (not entry.msgstr) or ["fuzzy"] * entry.fuzzy or problems(entry, language)
        said += [f"{name}: {entry.msgid[:60]!r}: {one}" for one in why]
    return said


def translated(root, language, path):
    """Return a notebook or page in another language, as a notebook (without outputs) or a text."""
    relative = path.relative_to(root)
    place = target(relative, language)
    entries = catalogue(root / "locale" / language / f"{path.stem}.po")
    known = {entry.msgid: entry.msgstr for entry in entries if entry.translated()}
    shown = {entry.msgid for entry in entries if entry.comment == "string"}

    def say(text, kind):
        return text if kind == "lookup" and text not in shown else known.get(text, text)

    def text_of(source):
        return _localised(prose.markdown(source, say), root, language, relative, place.parent)

    if path.suffix == ".md":
        return text_of(path.read_text(encoding="utf-8"))
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells:
        cell.source = prose.code(cell.source, say) if cell.cell_type == "code" else text_of(cell.source)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def target(path, language):
    """Return where a notebook or page stands in another language: notebooks/x → notebooks/fr/x, x.md → x.fr.md."""
    if path.as_posix() in PAGES:
        return path.with_suffix(f".{language}{path.suffix}")
    return Path(path.parts[0], language, *path.parts[1:])


def _localised(text, root, language, path, its_folder):
    """Return a text of the file `path`, its links leading to the course in its own language where that has the page."""
    there = {path.stem for path in root.glob(f"locale/{language}/*.po")}

    def link(found):
        goal = Path(posixpath.normpath(posixpath.join(path.parent.as_posix(), found[2])))
        course = goal.parts[0] in ("notebooks", "exercises", "solutions")
        own = goal.stem in there and (course or goal.as_posix() in PAGES and goal != path)
        goal = target(goal, language) if own else goal
        return found[1] + posixpath.relpath(goal.as_posix(), its_folder.as_posix())

    def badge(found):
        return found[1] + (f"{language}/" if found[3] in there else "") + found[2]

    text = text.replace(f"[![{OPEN_IN_COLAB}]", f"[![{words(root, language)[OPEN_IN_COLAB]}]")
    return BADGE.sub(badge, LINK.sub(link, text))


def write(root, language, run=True):
    """Write the lessons, pages and solutions of a language; `run` those whose code is new, where nothing is missing."""
    names = [name for name in sources(root) if (root / "locale" / language / f"{name}.po").is_file()]
    places = []
    for name in names:
        path = sources(root)[name]
        place = root / target(path.relative_to(root), language)
        places.append(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        new = translated(root, language, path)
        if path.suffix == ".md":
            place.write_text(new, encoding="utf-8")
            continue
        keep_outputs(new, place)
        if run and not _was_run(new) and not faults(root, language, name):
            print(f"{place.relative_to(root)}: running", flush=True)
            run_all(new, place.parent)
        nbformat.write(new, place)
    for old in [*root.glob(f"notebooks/{language}/*"), *root.glob(f"solutions/{language}/*/*.ipynb")]:
        if old.is_file() and old not in places:
            old.unlink()


def keep_outputs(notebook, place):
    """Give a notebook the outputs of an earlier run that stand at `place`, if its code is the same."""
    before = nbformat.read(place, 4) if place.is_file() else notebook
    code, earlier = _code(notebook), _code(before)
    if [(cell.id, cell.source) for cell in code] == [(cell.id, cell.source) for cell in earlier]:
        for cell, its in zip(code, earlier, strict=True):
            cell.outputs, cell.execution_count = its.outputs, its.execution_count


def _code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _was_run(notebook):
    return all(cell.execution_count for cell in _code(notebook))


def run_all(notebook, folder):
    """Run a notebook in its folder and leave it as it is saved: without log lines and without the machine's details."""
    from nbclient import NotebookClient  # slow to import

    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")
    kept = dict(notebook.metadata)
    where = {"metadata": {"path": str(folder)}}
    NotebookClient(
        notebook, timeout=1200, kernel_name="python3", resources=where, record_timing=False, coalesce_streams=True
    ).execute()
    notebook.metadata = nbformat.from_dict(kept)
    for cell in _code(notebook):
        cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", help="only this one of locale/")
    parser.add_argument("--no-run", action="store_true", help="write without outputs what would have to be run")
    parser.add_argument("--root", type=Path, default=labs.ROOT, help="folder of the course")
    options = parser.parse_args()
    root = options.root.resolve()
    for language in [options.language] if options.language else languages(root):
        try:
            update(root, language)
        except ValueError as error:
            sys.exit(str(error))
        write(root, language, run=not options.no_run)
        said = []
        for path in sorted(root.glob(f"locale/{language}/*.po")):
            said += faults(root, language, path.stem)
        print("\n".join([*said, f"{language}: {len(said)} entries to look at."]))


if __name__ == "__main__":
    main()
