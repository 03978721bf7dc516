"""The course in other languages: what .po files hold, and what is made of them."""

import ast
import re
import shutil
import subprocess
import sys

import nbformat
import polib
import pytest

from .labs import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import prose
import translations
from languages import catalogue, languages
from proofreading import problems, typeset

SOURCES = translations.sources(ROOT)
DONE = [("fr", name) for name in SOURCES]
NOTEBOOKS = [(language, name) for language, name in DONE if SOURCES[name].suffix == ".ipynb"]
LAB = "tp1_gradient_saliency"


def place(language, name):
    return ROOT / translations.target(SOURCES[name].relative_to(ROOT), language)


def read(language, name):
    return nbformat.read(place(language, name), 4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_every_notebook_is_translated():
    assert languages(ROOT) == ["fr"]
    assert {path.stem for path in ROOT.glob("locale/fr/*.po")} == {name for _, name in DONE} | {"course"}


@pytest.mark.parametrize(("language", "name"), [*DONE, ("fr", "course")])
def test_no_entry_is_missing_fuzzy_or_unfaithful(language, name):
    assert not translations.faults(ROOT, language, name)


@pytest.mark.parametrize(("language", "name"), [*DONE, ("fr", "course")])
def test_a_catalogue_is_up_to_date(language, name, tmp_path):
    path = tmp_path / language / f"{name}.po"
    path.parent.mkdir()
    shutil.copy(ROOT / "locale" / language / f"{name}.po", path)
    translations.merge(translations.wanted(ROOT)[name], path, {})
    stale = path.read_text(encoding="utf-8") != (ROOT / "locale" / language / f"{name}.po").read_text(encoding="utf-8")
    assert not stale, "run `make translations` and commit what it writes"


@pytest.mark.parametrize(("language", "name"), DONE)
def test_what_is_committed_is_what_is_generated(language, name):
    fresh = translations.translated(ROOT, language, SOURCES[name])
    if SOURCES[name].suffix == ".md":
        assert place(language, name).read_text(encoding="utf-8") == fresh
        return
    translations.keep_outputs(fresh, place(language, name))
    assert fresh == read(language, name), "run `make translations` and commit what it writes"


@pytest.mark.parametrize(("language", "name"), NOTEBOOKS)
def test_cells_and_code_are_those_of_the_english_notebook(language, name):
    english, other = nbformat.read(SOURCES[name], 4).cells, read(language, name).cells
    assert [(cell.id, cell.metadata) for cell in english] == [(cell.id, cell.metadata) for cell in other]
    for ours, theirs in zip(english, other, strict=True):
        if ours.cell_type == "code":
            assert prose.skeleton(ours.source) == prose.skeleton(theirs.source), ours.id
            assert all(len(line) <= prose.WIDTH for line in theirs.source.splitlines()), ours.id


@pytest.mark.parametrize(("language", "name"), NOTEBOOKS)
def test_saved_after_a_run_from_top_to_bottom(language, name):
    cells = code(read(language, name))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    kinds = {(output.output_type, output.get("name")) for cell in cells for output in cell.outputs}
    assert ("stream", "stderr") not in kinds
    assert "error" not in {kind for kind, _ in kinds}


@pytest.mark.parametrize(("language", "name"), DONE)
def test_links_lead_to_files(language, name):
    path = place(language, name)
    text = "\n".join(source for _, kind, source in translations.cells(path) if kind == "markdown")
    for _, link in translations.LINK.findall(text):
        of_the_site = name == "index" and link.startswith("../methods/")  # written by a program: tests/test_site.py
        assert of_the_site or (path.parent / link).is_file(), link


# What a piece is.


def pieces_of(source, kind=prose.code):
    found = []
    kind(source, lambda text, kind: found.append((kind, text)) or text)
    return found


def shout(text, kind):
    """A translation that no test could mistake for the English text."""
    if kind != "string":
        return f"{text} {'é' * 60}"
    parts = re.split(f"({prose.FIELD.pattern})", text)
    return "".join(part if number % 2 else part.upper() for number, part in enumerate(parts))


def test_markdown_is_taken_apart_into_paragraphs_items_rows_and_headings():
    text = (
        "# Title of it\n\nOne\ntwo `x`.\n- an item\n  goes on\n2. second\n\n| a word | 3 |\n| --- | --- |\n"
        "| 4 | 5 |\n| 4.5 | `5` |\n"
        "$$x = 1$$\n$$y = \\text{the mean}$$\n<details><summary>Answer</summary>\n\n```python\n# kept\n```\n\n$x$, `y`"
    )
    assert pieces_of(text, prose.markdown) == [
        ("heading", "Title of it"),
        ("paragraph", "One two `x`."),
        ("item", "an item goes on"),
        ("item", "second"),
        ("row", "| a word | 3 |"),
        ("row", "| 4.5 | `5` |"),
        ("formula", "$$y = \\text{the mean}$$"),
        ("html", "<details><summary>Answer</summary>"),
    ]


def test_of_command_lines_the_comments_are_read():
    text = "```\nmake x   # does it\n# all of it\ny --a=#b '# c'\nz \"q\"  # of it\n```\n```python\nx = 1  # kept\n```"
    assert pieces_of(text, prose.markdown) == [("comment", "does it"), ("comment", "all of it"), ("comment", "of it")]
    assert prose.markdown(text, lambda text, kind: text) == text
    assert "make x   # DOES IT\n" in prose.markdown(text, lambda text, kind: text.upper())


def test_code_is_taken_apart_into_comments_docstrings_and_what_is_shown():
    source = '''# why it is done
# in two lines
def f(x):
    """Return it.

    Args:
        x: a number,
            of any size.
    """
    assert x, "no number"
    print(f"{x:.2f} of " f"{names['dog']}")
    axis.set(xlabel="share", cmap="inferno")
    name = f"{n} sizes"
    return maps["1 size"], option("random"), {"gradient": x}  # both


warnings.filterwarnings("ignore", "the map is flat")
'''
    found = pieces_of(source)
    assert [text for kind, text in found if kind == "docstring"] == ["Return it.", "x: a number, of any size."]
    assert [text for kind, text in found if kind == "comment"] == ["why it is done in two lines", "both"]
    shown = ["no number", "{x:.2f} of {names['dog']}", "share", "{n} sizes", "1 size", "gradient"]
    assert [text for kind, text in found if kind == "string"] == shown


@pytest.mark.parametrize("path", sorted(SOURCES.values()), ids=lambda path: path.stem)
def test_any_translation_leaves_the_code_as_it_is(path):
    for _, kind, source in translations.cells(path):
        if kind == "code":
            assert prose.code(source, lambda text, kind: text) == source
            assert prose.skeleton(prose.code(source, shout)) == prose.skeleton(source)
        else:
            assert prose.markdown(source, lambda text, kind: text).split() == source.split()


def test_a_skeleton_sees_what_must_not_change():
    source = 'print(f"{x:.2f} words", 3)'
    assert prose.skeleton(source) == prose.skeleton('print(f"mots {x:.2f}", 3)')
    for other in ('print(f"{x:.1f} words", 3)', 'print(f"{y:.2f} words", 3)', 'print("words", 3)', source[:-2] + "4)"):
        assert prose.skeleton(source) != prose.skeleton(other), other


def test_long_strings_and_comments_are_broken_into_lines():
    source = 'for _ in x:\n    assert not_too_long, "short"  # here\n    print("short")\n'
    new = prose.code(source, lambda text, kind: "un mot " * 20 + "fin {é} \"'\\")
    assert max(map(len, new.splitlines())) <= prose.WIDTH
    strings = [node.value for node in ast.walk(ast.parse(new)) if isinstance(node, ast.Constant) and node.value]
    assert strings == ["un mot " * 20 + "fin {é} \"'\\"] * 2
    assert "print(\n        " in new


def test_what_is_looked_up_follows_what_it_is_called():
    source = 'maps = {"size": 1}\nprint(maps["size"], f"{maps[\'size\']} of it")\nf(size="size")\n'
    new = prose.code(source, lambda text, kind: "taille" if text == "size" else text)
    said = []
    exec(new, {"print": lambda *words: said.extend(words), "f": lambda size: said.append(size)})
    assert said == [1, "1 of it", "size"]
    assert 'maps = {"taille": 1}' in new


def test_code_does_not_follow_a_comment_of_the_same_word(tmp_path):
    path, folder = tmp_path / "notebooks" / "x.ipynb", tmp_path / "locale" / "it"
    path.parent.mkdir()
    folder.mkdir(parents=True)
    source = 'labels = ["dark", "light"]  # dark\nprint({"light": 1})'
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)]), path)
    (folder / "x.po").write_text("")
    translations.update(tmp_path, "it")
    entries = catalogue(folder / "x.po")
    for one in entries:
        one.msgstr = {"dark": "scuro", "light": "chiaro"}[one.msgid]
    entries.save(str(folder / "x.po"))
    (cell,) = translations.translated(tmp_path, "it", path).cells
    assert cell.source == 'labels = ["dark", "chiaro"]  # scuro\nprint({"chiaro": 1})'


# What is wrong with a translation.


def entry(text, said, kind="paragraph", *flags):
    return polib.POEntry(msgid=text, msgstr=said, comment=kind, flags=list(flags))


@pytest.mark.parametrize(
    ("text", "said", "kind"),
    [
        ("a formula $x_1$", "une formule $x_2$", "paragraph"),
        ("a [link](a.ipynb)", "un [lien](b.ipynb)", "paragraph"),
        ("in 12 steps", "en 13 pas", "paragraph"),
        ("in 12 steps", "en douze pas", "paragraph"),
        ("`code` here", "code ici", "paragraph"),
        ("**bold** words", "mots gras", "paragraph"),
        ("*what* it is", "*ce qu'*il est", "paragraph"),
        ("{x:.2f} of it", "{x:.1f} de cela", "string"),
        ("    indented", "décalé", "string"),
        ("Question 12 a. How", "Question 12 b. Comment", "heading"),
        ("| a | b |", "| a, b |", "row"),
        ("target: a class.", "cible: une classe.", "docstring"),
        ("same", "same", "string"),
        ("<details>Answer", "Réponse", "html"),
        ("why? yes", "pourquoi ? oui", "paragraph"),
        ("why? yes", "pourquoi? oui", "string"),
        ("so: yes", "ainsi : oui", "paragraph"),
        ('say "yes"', 'dire "oui"', "paragraph"),
        ('say "yes"', "dire « oui »", "paragraph"),
        ("0.5 of it", "0.5 de cela", "paragraph"),
        ("$x = 0.5$ here", "$x = 0.5$ ici", "paragraph"),
        ("99 % of it", "99 % de cela", "string"),
    ],
)
def test_what_is_unfaithful_or_badly_set_is_seen(text, said, kind):
    assert problems(entry(text, said, kind), "fr")


@pytest.mark.parametrize(
    ("text", "said", "kind"),
    [
        ("0.5, 1000 and 150,528 of them", "0,5, 1000 et 150 528 d'entre eux", "paragraph"),
        ("a probability of 1.000", "une probabilité de 1,000", "paragraph"),
        ("$x = 0.5\\text{ of it}$ so", "$x = 0{,}5\\text{ de cela}$ ainsi", "paragraph"),
        ("target: why? so: [0, 1]", "target: pourquoi ? ainsi : [0, 1]", "docstring"),
        ('"yes" 9 %; no! `a: b`', "« oui » 9 % ; non ! `a: b`", "paragraph"),
        ("{a}: {b:>5}", "{b:>5} : {a}", "string"),
        ("0.5 != 1", "0.5 != 1 !", "comment"),
        ("arXiv 2207.01769 of it", "arXiv 2207.01769 de cela", "paragraph"),
        ("version 0.7, Python 3.10 to 3.13", "version 0.7, Python 3.10 à 3.13", "paragraph"),
    ],
)
def test_what_is_faithful_and_well_set_passes(text, said, kind):
    assert not problems(entry(text, typeset(said), kind), "fr")


def test_what_is_the_same_in_both_languages_is_marked():
    assert not problems(entry("SmoothGrad", "SmoothGrad", "string", "same"), "fr")
    assert problems(entry("the mean", "la moyenne", "string", "same"), "fr")


# How a catalogue follows its notebook, and a language is added.


def merged(tmp_path, old, *texts, memory=()):
    path = tmp_path / "it" / "x.po"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(f'msgid "{text}"\nmsgstr "{said}"\n' for text, said in old))
    translations.merge([translations.Piece(text, "paragraph", ("a",)) for text in texts], path, dict(memory))
    return list(catalogue(path))


def test_a_changed_paragraph_becomes_fuzzy_and_a_new_one_is_missing(tmp_path):
    old = [("The map is bright on the dog.", "un"), ("It stays.", "deux"), ("It goes away for good", "trois")]
    changed, kept, new = merged(tmp_path, old, "The map is bright on the cat.", "It stays.", "Quite another subject")
    assert (changed.msgstr, changed.fuzzy, changed.previous_msgid) == ("un", True, "The map is bright on the dog.")
    assert (kept.msgstr, kept.fuzzy) == ("deux", False)
    assert (new.msgstr, new.fuzzy) == ("", False)


def test_what_another_notebook_says_is_offered(tmp_path):
    (entry,) = merged(tmp_path, [], "The gradient", memory={"The gradient": "il gradiente"})
    assert (entry.msgstr, entry.fuzzy) == ("il gradiente", False)


def test_a_catalogue_of_no_notebook_is_refused(tmp_path):
    folder = tmp_path / "locale" / "it"
    folder.mkdir(parents=True)
    (folder / "tp9.po").write_text("")
    with pytest.raises(ValueError, match=r"locale/it/tp9\.po is of no notebook"):
        translations.update(tmp_path, "it")


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """A course with one lab, and a third language in which every word is said in capitals."""
    root = tmp_path_factory.mktemp("toy")
    shutil.copytree(ROOT / "solutions" / LAB, root / "solutions" / LAB)
    folder = root / "locale" / "toy"
    folder.mkdir(parents=True)
    for name in (LAB, "course"):
        (folder / f"{name}.po").write_text("")
    translations.update(root, "toy")
    for path in folder.glob("*.po"):
        entries = catalogue(path)
        for one in entries:
            one.msgstr = shout(one.msgid, "string") if one.comment in ("string", "heading") else one.msgid
            one.flags = ["same"] * (one.msgstr == one.msgid)
        entries.save(str(path))
    translations.write(root, "toy", run=False)
    subprocess.run([sys.executable, ROOT / "tools" / "course.py", "exercises", "--root", root], check=True)
    return root


def test_a_third_language_is_a_folder(toy):
    english = nbformat.read(toy / "exercises" / LAB / f"{LAB}.ipynb", 4)
    other = nbformat.read(toy / "exercises" / "toy" / LAB / f"{LAB}.ipynb", 4)
    assert [cell.id for cell in english.cells] == [cell.id for cell in other.cells]
    assert other.cells[0].source.startswith("# LAB 1. SALIENCY MAPS BY THE GRADIENT\n")
    assert "/students/exercises/toy/tp1_gradient_saliency/" in other.cells[0].source
    text = "\n".join(cell.source for cell in other.cells)
    assert 'raise NotImplementedError("THIS ANSWER IS STILL' in text
    assert "### BEGIN SOLUTION" not in text
    assert "HIDDEN" not in text


def test_a_change_of_the_code_asks_for_a_run_and_a_change_of_the_text_does_not(toy):
    path = toy / "solutions" / "toy" / LAB / f"{LAB}.ipynb"
    ran = nbformat.read(path, 4)
    for number, cell in enumerate(code(ran), start=1):
        cell.execution_count = number
    nbformat.write(ran, path)
    new = translations.translated(toy, "toy", toy / "solutions" / LAB / f"{LAB}.ipynb")
    new.cells[0].source = "another text"
    translations.keep_outputs(new, path)
    assert code(new)[-1].execution_count == len(code(new))
    code(new)[0].source += "\n# changed"
    new = translations.translated(toy, "toy", toy / "solutions" / LAB / f"{LAB}.ipynb")
    code(new)[0].source += "\n# changed"
    translations.keep_outputs(new, path)
    assert code(new)[-1].execution_count is None
