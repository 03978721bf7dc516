"""The site before Sphinx: what is gathered, what programs write, the checker of links. `make site` builds the rest."""

import re
import sys
from pathlib import Path

import nbformat
import pytest

import tp_visualisation as tpv

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "docs"))

pytest.importorskip("sphinx", reason='no Sphinx here: pip install -e ".[site]"')

import formulas  # noqa: E402
import french  # noqa: E402
import make_site  # noqa: E402
import plain_formulas  # noqa: E402
import site_links  # noqa: E402
import site_pages  # noqa: E402

METHODS = list(tpv.saliency.METHODS)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The sources of the site, gathered."""
    folder = tmp_path_factory.mktemp("site") / "source"
    make_site.gather(folder)
    return folder


def test_every_method_has_a_sentence_its_facts_and_its_pictures():
    assert list(site_pages.sentences()) == METHODS
    assert list(site_pages.table()) == METHODS
    for sample in site_pages.SAMPLES:
        there = {path.stem for path in (ROOT / "docs" / "figures" / "gallery" / sample).glob("*.jpg")}
        assert there == {"photograph", *METHODS}, f"python docs/draw_methods.py draws them: {sample}"


def test_a_page_of_a_method_says_all_that_is_promised(source):
    page = (source / "methods" / "rise.md").read_text(encoding="utf-8")
    assert f"\n$$\n{plain_formulas.latex('S(x) ≈ 1 / (N p) Σ_i p_c(I ⊙ m_i) m_i(x)', True)}\n$$\n" in page
    assert "| cost (f: a forward pass, fb: forward and backward) | at most 4096 f" in page
    assert "| when it misleads | noise of chance masks" in page
    assert "<https://arxiv.org/abs/1806.07421>" in page
    assert "[4](../notebooks/04_rise.ipynb)" in page
    assert ".. autofunction:: tp_visualisation.saliency.rise" in page


def test_the_gallery_leads_from_each_picture_to_its_method(source):
    page = (source / "methods" / "index.md").read_text(encoding="utf-8")
    led = re.findall(r"\[!\[[^]]*\]\(\.\./docs/figures/gallery/(\w+)/(\w+)\.jpg\)\]\((\w+)\.md\)", page)
    assert [(sample, name) for sample, name, _ in led] == [(s, name) for name in METHODS for s in site_pages.SAMPLES]
    assert all(name == page for _, name, page in led)


def test_the_first_page_leads_to_what_strangers_look_for(source):
    page = (source / "index.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]*)[^)]*\)", page)
    for link in ("docs/photograph.md", "docs/own_network.md", "methods/rise.md", "INSTRUCTORS.md", "CONTRIBUTING.md"):
        assert link in links
    assert {"docs/explorer.md", "fr/index.md"} <= set(links)
    assert not [link for link in links if not link.startswith("http") and link and not (source / link).is_file()]


def test_no_solution_is_gathered_and_no_picture_comes_from_elsewhere(source):
    for path in [*source.rglob("*.md"), *source.rglob("*.ipynb")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"!\[[^]]*\]\(http", text), path
        if path.suffix == ".ipynb":
            assert "### BEGIN" not in text, path
            assert "Model answer" not in text, path
    assert not (source / "solutions").exists()


def test_the_command_line_is_all_of_its_help(source):
    page = (source / "command_line.md").read_text(encoding="utf-8")
    commands = [
        "explain",
        "attack",
        "visualise-class",
        "evaluate",
        "explore",
        "course",
        "samples",
        "networks",
        "doctor",
    ]
    assert re.findall(r"^## `tpvis ([\w-]+)`", page, re.M) == commands
    assert "`--save-cutout <path>`" in page
    assert "* [`explain`](#tpvis-explain): Draw where a network looks: the saliency maps of a photograph, of" in page
    bare = re.sub(r"`[^`]*`", "", page)
    assert not re.findall(r"--\w+", bare)  # a typographer's dash would stand there


def test_the_menu_leads_to_every_page(source):
    """French pages are below the French first page. What is in no menu would be a warning of Sphinx, which fails."""
    menus = {page: (source / page).read_text(encoding="utf-8") for page in ("index.md", "fr/index.md")}
    led = {page: re.findall(r"^(?:.* <)?/([\w./-]+)>?$", text, re.M) for page, text in menus.items()}
    assert {"docs/photograph", "docs/explorer", "fr/index", "INSTRUCTORS", "CONTRIBUTING"} <= set(led["index.md"])
    there = [*source.glob("exercises/fr/*/*.ipynb"), *source.glob("notebooks/fr/*.*"), source / "INSTRUCTORS.fr.md"]
    assert len(there) == 8 + 11 + 1
    assert set(led["fr/index.md"]) == {path.relative_to(source).with_suffix("").as_posix() for path in there}


def test_the_french_first_page_says_the_same_in_french(source):
    pages = [
        (source / name).read_text(encoding="utf-8").split("```{toctree}")[0] for name in ("index.md", "fr/index.md")
    ]
    assert "huit leçons, huit TP" in pages[1]
    linked = [
        {(source / folder / link).resolve() for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", page)}
        for folder, page in zip((".", "fr"), pages, strict=True)
    ]
    assert all(path.is_file() for path in linked[0] | linked[1])
    english = {re.sub(r"/fr/|\.fr\.", lambda fr: fr[0][0], path.as_posix()) for path in linked[1]}
    assert english == {re.sub(r"/fr/", "/", path.as_posix()) for path in linked[0]}


@pytest.mark.parametrize(
    ("page", "language"),
    [("index", "en"), ("notebooks/01_rise", "en"), ("fr/index", "fr"), ("exercises/fr/tp1/tp1", "fr"), ("A.fr", "fr")],
)
def test_a_page_says_its_language(page, language):
    assert french.is_french(page) == (language == "fr")


def test_code_on_a_page_is_no_wider_than_the_page(source):
    for page in source.rglob("*.md"):
        blocks = re.findall(r"^```([^\n]*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S)
        lines = [line for kind, block in blocks if "{" not in kind for line in block.splitlines()]
        assert not [line for line in lines if len(line) > 88], page.relative_to(source)


def test_a_lesson_leads_to_itself_in_the_other_language(source):
    first = "01_gradient_saliency.ipynb"
    for path, link in {
        f"notebooks/{first}": f"[en français](fr/{first})",
        f"notebooks/fr/{first}": f"[in English](../{first})",
        "exercises/tp4_rise/tp4_rise.ipynb": "[en français](../fr/tp4_rise/tp4_rise.ipynb)",
        "exercises/fr/tp4_rise/tp4_rise.ipynb": "[in English](../../tp4_rise/tp4_rise.ipynb)",
    }.items():
        assert f" · {link}" in nbformat.read(source / path, 4).cells[0].source


def test_every_formula_of_the_course_becomes_mathml():
    for path in [*ROOT.glob("notebooks/**/*.ipynb"), *ROOT.glob("exercises/**/*.ipynb")]:
        for cell in nbformat.read(path, 4).cells:
            text = re.sub(r"```.*?```|`[^`\n]*`", "", cell.source, flags=re.S) if cell.cell_type == "markdown" else ""
            for block, inline in re.findall(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", text, re.S):
                assert "\\" not in formulas.mathml(block or inline), (path.name, block or inline)


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ('<a href="other.html#there">', None),
        ('<a href="#here"><img src="a%20b.png"><a href="https://example.com">', None),
        ('<a href="gone.html">', "no file gone.html"),
        ('<a href="other.html#gone">', "no anchor other.html#gone"),
        ('<a href="#gone">', "no anchor #gone"),
        ('<img src="gone.png">', "no file gone.png"),
        ('<script src="https://cdn.example.com/x.js">', "loads https://cdn.example.com/x.js"),
        ('<link href="//fonts.example.com/x.css" rel="stylesheet">', "loads //fonts.example.com/x.css"),
    ],
)
def test_links_are_followed(tmp_path, html, said):
    (tmp_path / "page.html").write_text(f'<p id="here">{html}')
    (tmp_path / "other.html").write_text('<p id="there">')
    (tmp_path / "a b.png").write_bytes(b"")
    assert site_links.wrong(tmp_path) == ([f"page.html: {said}"] if said else [])


def test_a_style_that_loads_from_elsewhere_is_seen(tmp_path):
    (tmp_path / "good.css").write_text("a { b: url(data:x); c: url('font.ttf') }")
    assert not site_links.wrong(tmp_path)
    (tmp_path / "bad.css").write_text('@import url("https://example.com/x.css")')
    assert site_links.wrong(tmp_path) == ["bad.css: loads https://example.com/x.css"]
