"""What comes from a student is text or a picture: every payload, and what must stay as it is."""

import base64
import copy
import io
import sys
from html.parser import HTMLParser
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest
from nbconvert.filters import markdown2html
from PIL import Image

from . import payloads
from .labs import ROOT, notebooks

sys.path.insert(0, str(ROOT / "tools"))
import cleaning
from cleaning import clean_notebook, html_of, mathml, picture, plain

TEXT = (
    "b blockquote br code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i kbd li ol p pre s strong sub sup "
    "table tbody td th thead tr u ul"
)
FORMULAS = (
    "math menclose mfrac mi mn mo mover mphantom mroot mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr "
    "munder munderover"
)
INERT = (
    "accent columnalign display displaystyle fence form linethickness mathvariant maxsize minsize scriptlevel start "
    "stretchy width"
)


def png(size=(3, 2), kind="PNG"):
    file = io.BytesIO()
    Image.fromarray(np.arange(size[0] * size[1], dtype=np.uint8).reshape(size)).save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


class Seen(HTMLParser):
    """The tags of a page, with their attributes, and its text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")

    handle_decl = handle_pi = unknown_decl = handle_comment


def check(html):
    """Raise AssertionError unless a browser finds only text, formulas and embedded pictures in the page."""
    seen = Seen(html)
    for tag, attributes in seen.tags:
        if tag == "img":
            kind, data = attributes["src"].removeprefix("data:").split(";base64,")
            assert Image.open(io.BytesIO(base64.b64decode(data, validate=True))).format in ("PNG", "JPEG"), kind
            assert attributes == {"src": attributes["src"], "alt": "image"}
        else:
            assert tag in [*TEXT.split(), *FORMULAS.split()]
            assert set(attributes) <= set(INERT.split())
            assert not any(set("\"'<>&:()/") & set(value) for value in attributes.values())
    return seen


@pytest.mark.parametrize("name", payloads.TEXTS)
def test_a_hostile_text_becomes_text(name):
    bundle = {"x.png": {"image/svg+xml": payloads.SVG, "image/png": payloads.COUPLE}}
    html = html_of(payloads.TEXTS[name], bundle)
    check(html)
    assert markdown2html(html).strip() == html  # nothing is left for a reader of Markdown
    assert "$" not in html  # nor for MathJax
    assert "\\" not in html


@pytest.mark.parametrize("kind", payloads.OUTPUTS)
def test_a_hostile_output_becomes_a_line_that_says_so(kind):
    options = {kind: {"width": '1"onerror="alert(1)', "isolated": True}}
    cell = nbformat.v4.new_code_cell(outputs=[nbformat.v4.new_output("display_data", {kind: payloads.OUTPUTS[kind]})])
    cell.outputs[0].metadata = options
    (output,) = clean_notebook(nbformat.v4.new_notebook(cells=[cell])).cells[0].outputs
    assert output == nbformat.v4.new_output("display_data", {"text/plain": f"({kind}: not shown)"})


@pytest.mark.parametrize("name", payloads.PRINTED)
def test_what_is_printed_has_no_terminal_codes(name):
    text = payloads.PRINTED[name]
    cell = nbformat.v4.new_code_cell()
    cell.outputs = [
        nbformat.v4.new_output("stream", name="stderr", text=text),
        nbformat.v4.new_output("error", ename=text, evalue=text, traceback=[text, text]),
    ]
    printed, error = clean_notebook(nbformat.v4.new_notebook(cells=[cell])).cells[0].outputs
    for said in (printed.text, error.ename, error.evalue, *error.traceback):
        assert said == plain(text)
        assert "\x1b" not in said
    assert "alert(1)" in printed.text


def test_text_keeps_its_form():
    html = html_of("# Title\n\n**bold** *slanted* `a < b` x<sub>i</sub>\n\n3. three\n4. four\n\n|a|b|\n|-|-|\n|1|2|")
    tags = "div h1 p strong em code sub ol li li table thead tr th th tbody tr td td"
    assert [tag for tag, _ in check(html).tags] == tags.split()
    assert '<ol start="3">' in html
    text = "if a<b and c>d then 1 < 2 & <unknown>tags</unknown> stay"
    assert check(html_of(text)).text == text
    assert check(html_of("[the paper](https://a.org/1) https://b.org")).text == (
        "the paper (https://a.org/1) https://b.org"
    )
    assert check(html_of("```python\nif a:\n\n    b = '<i>'\n```")).text == "if a:\n\n    b = '<i>'\n"


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_no_word_and_no_formula_of_a_notebook_is_lost(path):
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type == "markdown":
            html = html_of(cell.source, cell.get("attachments"))
            seen = check(html)
            assert markdown2html(html).strip() == html
            formulas = sum(tag == "math" for tag, _ in seen.tags)
            assert formulas == cell.source.replace("$$", "$").count("$") // 2
            assert "\\" not in seen.text.replace("\\n", ""), "a command that the formulas' library does not know"


def test_formulas_are_mathml():
    fraction = "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>"
    assert mathml(r"\frac{a}{b}", "block") == f'<math display="block"><mrow>{fraction}</mrow></math>'
    assert mathml(r"\text{a < b}") == '<math display="inline"><mrow><mtext>a\xa0&lt;\xa0b</mtext></mrow></math>'
    assert mathml(r"\href{javascript:alert(1)}{x}").count("<mi>x</mi>") == 1
    for broken in (r"\frac{", r"\def\a{\a\a}\a", r"\newcommand{\a}{b}", "{" * 1500, "x" * 10_000, "^" * 1000):
        assert check(mathml(broken)).text
    assert "<code>" in html_of(r"$\let\a\b \a$")
    assert mathml("x" * 10_000).startswith("<code>")
    strange = ElementTree.fromstring('<math href="x"><script src="x">a</script><mi width="1 onclick">b</mi>c</math>')
    assert cleaning._written(strange) == "<math>a<mi>b</mi>c</math>"


def test_only_what_is_a_picture_is_one():
    assert picture("image/png", png()) == png()
    assert picture("image/jpeg", [png(kind="JPEG")[:8] + "\n", png(kind="JPEG")[8:]]) == png(kind="JPEG")
    assert picture("image/jpeg", png()) is None
    assert picture("image/png", png()[:-40]) is None
    assert picture("image/png", png(kind="GIF")) is None
    assert picture("image/svg+xml", payloads.COUPLE) is None
    assert picture("image/png", png((8000, 8000))) is None
    html = html_of("![](<attachment:é 1.png>) ![](attachment:b.png)", {"é 1.png": {"image/png": png()}})
    assert [tag for tag, _ in check(html).tags] == ["div", "p", "img"]
    assert check(html_of(f"![](data:image/png;base64,{png()})")).tags[2][1]["src"].endswith(png())


def test_a_notebook_keeps_what_marks_need_and_nothing_else():
    given = {"grade_id": "why", "grade": True, "solution": True, "points": 1.5, "schema_version": 3, "evil": "<script>"}
    notebook = nbformat.v4.new_notebook()
    payloads.attack(notebook)
    notebook.cells.append(nbformat.v4.new_markdown_cell("Because.", id="a" * 64, metadata={"nbgrader": given}))
    shown = nbformat.v4.new_output("display_data", {"image/png": png(), "text/plain": "a figure", "text/html": "<b>"})
    notebook.cells.append(nbformat.v4.new_code_cell("1 < 2", outputs=[shown], execution_count=7))
    before = copy.deepcopy(notebook)
    clean = clean_notebook(notebook)

    assert notebook == before
    nbformat.validate(clean)
    assert set(clean.metadata) == {"kernelspec", "language_info"}
    assert clean.metadata.language_info == {"name": "python"}
    assert len({cell.id for cell in clean.cells}) == len(clean.cells) == len(notebook.cells)
    for cell in clean.cells:
        assert cell.cell_type in ("markdown", "code")
        assert "attachments" not in cell
        if cell.cell_type == "markdown":
            check(cell.source)
    *others, why, code = clean.cells
    assert not any(cell.metadata for cell in others)
    assert why.source == "<div><p>Because.</p></div>"
    del given["evil"]
    assert why.metadata == {"nbgrader": given}
    assert (code.source, code.execution_count) == ("1 < 2", 7)
    assert code.outputs[0].data == {"image/png": png(), "text/plain": "a figure"}


def test_a_cell_name_that_is_none_makes_no_graded_cell():
    cell = nbformat.v4.new_markdown_cell("x", metadata={"nbgrader": {"grade_id": '"><script>', "grade": True}})
    assert clean_notebook(nbformat.v4.new_notebook(cells=[cell])).cells[0].metadata == {}


def test_long_nonsense_is_cleaned_too():
    for text in (">", "[", "*a ", "<b>", "$x", "- ", "\x00\x1b[", "~", "|a"):
        check(html_of(text * 5000))


def test_direction_and_control_characters_are_left_out():
    assert plain("a\u202eb\x1b[31mc\x1b[0md\r\ne\rf\tg\x07\u2066") == "abcd\ne\nf\tg"
    assert plain(["one\n", "two"]) == "one\ntwo"


def test_folders_from_before_are_cleaned(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("<script>alert(1)</script>")])
    kept = tmp_path / "ada" / "tiny" / "tiny.ipynb"
    kept.parent.mkdir(parents=True)
    nbformat.write(notebook, kept)
    (kept.parent / "page.html").write_text("<script>alert(1)</script>")
    (tmp_path / "ben" / "tiny").mkdir(parents=True)
    (tmp_path / "ben" / "tiny" / "tiny.ipynb").write_text("<script>")
    cleaning.clean_folder(tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [kept]
    (cell,) = nbformat.read(kept, 4).cells
    assert cell.source == "<div><p>&lt;script&gt;alert(1)&lt;/script&gt;</p></div>"
