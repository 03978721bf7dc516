"""Whatever comes from a student is text or a picture before a browser sees it.

The notebooks in grading/autograded/, which the formgrader and the feedback show, are made here from scratch: what is
not named below does not pass. Written text becomes the HTML of a few tags without attributes, formulas become MathML
(so that no page needs a script for them), outputs become plain text and PNG or JPEG pictures that really are some.
"""

import base64
import io
import re
import secrets
import shutil
from html import escape, unescape
from urllib.parse import unquote

import mistune
import nbformat
import nh3
from latex2mathml.converter import convert_to_element
from nbconvert.filters import strip_ansi
from nbconvert.filters.markdown_mistune import MarkdownWithMath
from PIL import Image

PICTURES = {"image/png": "PNG", "image/jpeg": "JPEG"}
PIXELS = 50_000_000  # of the largest picture that is shown
INLINE = "b br code del em i kbd s strong sub sup u"
BLOCKS = "blockquote dd div dl dt h1 h2 h3 h4 h5 h6 hr img li ol p pre table tbody td th thead tr ul"
NOT_INLINE = re.compile(rf"<(?!/?(?:{'|'.join(INLINE.split())})\s*/?>)", re.IGNORECASE)
MATHML = (
    "math menclose mfrac mi mn mo mover mphantom mroot mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr "
    "munder munderover"
)
MATHML_OPTIONS = (
    "accent columnalign display displaystyle fence form linethickness mathvariant maxsize minsize scriptlevel stretchy "
    "width"
)
FORMULA_CHARACTERS = 3000
MACROS = re.compile(r"\\(?:def|newcommand|renewcommand|let)\b")  # they can make a page of ten gigabytes
ATTRIBUTE = re.compile(r"image|\d{1,4}|data:image/(?:png|jpeg);base64,[a-zA-Z0-9+/=]+")
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
INERT = str.maketrans({character: f"&#{ord(character)};" for character in "\\`*_[]$~^{}!|\n"})
NBGRADER = ["cell_type", "checksum", "grade", "grade_id", "locked", "points", "schema_version", "solution", "task"]


def clean_notebook(notebook):
    """Return a notebook that says the same and holds nothing that a browser could run or load."""
    cells = [_clean_cell(cell, f"cell-{number}") for number, cell in enumerate(notebook.cells, 1)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    if re.fullmatch(r"\w+", str(notebook.metadata.get("language", ""))):
        metadata["language"] = notebook.metadata["language"]
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def write_clean(notebook, path):
    """Write what is left of a notebook when it is clean, alone in its folder: other files could be opened there."""
    shutil.rmtree(path.parent, ignore_errors=True)
    path.parent.mkdir(parents=True)
    nbformat.write(clean_notebook(notebook), path)


def clean_folder(folder):
    """Clean every notebook <student>/<lab>/<lab>.ipynb of a folder; what is no notebook is deleted."""
    for lab in [path for path in folder.glob("*/*") if path.is_dir()]:
        path = lab / f"{lab.name}.ipynb"
        try:
            write_clean(nbformat.read(path, 4), path)
        except Exception:  # whatever it is, it is not shown
            shutil.rmtree(lab)


def plain(text):
    """Return a text, or the list of its lines, without terminal codes, control characters and changes of direction."""
    text = "".join(map(str, text)) if isinstance(text, list) else str(text)
    return UNSEEN.sub("", strip_ansi(text).replace("\r\n", "\n").replace("\r", "\n"))


def html_of(markdown, attachments=None):
    """Return a text in Markdown as HTML on one line, in which nothing is left for a program that reads Markdown.

    `attachments` is {name: {type: base64}}. Links become text: the teacher's browser is logged in, a click is enough.
    """
    renderer = _Renderer(attachments or {})
    try:
        html = MarkdownWithMath(renderer=renderer).render(plain(markdown))
    except Exception:  # what the parser cannot read
        return _as_it_is(markdown)
    html = nh3.clean(
        html,
        tags={*INLINE.split(), *BLOCKS.split()},
        attributes={"img": {"src"}, "ol": {"start"}},
        attribute_filter=lambda tag, name, value: value if ATTRIBUTE.fullmatch(value) else None,
        set_tag_attribute_values={"img": {"alt": "image"}},
        url_schemes={"data"},
        link_rel=None,
    )
    html = f"<div>{html.strip()}</div>".translate(INERT)
    return re.sub(rf"{renderer.nonce}x(\d+)x", lambda found: renderer.formulas[int(found[1])].translate(INERT), html)


def picture(kind, data):
    """Return the base64 text of a picture if it is one, of type `kind`; else None."""
    try:
        content = base64.b64decode("".join("".join(data).split()), validate=True)
        with Image.open(io.BytesIO(content), formats=[PICTURES[kind]]) as image:
            if image.width * image.height > PIXELS:
                return None
            image.verify()
    except Exception:
        return None
    return base64.b64encode(content).decode()


def mathml(latex, display="inline"):
    """Return a formula as MathML, or as the text that it is where it cannot be read."""
    text = f"<code>{escape(latex)}</code>"
    if len(latex) > FORMULA_CHARACTERS or MACROS.search(latex):
        return text
    try:
        return _written(convert_to_element(latex.strip(), display=display))
    except Exception:
        return text


class _Renderer(mistune.HTMLRenderer):
    """Writes formulas as marks, to be replaced when the rest is clean; links and unknown tags as text."""

    def __init__(self, attachments):
        super().__init__(escape=False)
        self.attachments, self.formulas, self.nonce = attachments, [], secrets.token_hex(8)

    def link(self, text, url, title=None):
        return text if text == url else f"{text} ({escape(url)})"

    def image(self, text, url, title=None):
        kind, _, data = url.removeprefix("data:").partition(";base64,")
        if url.startswith("attachment:"):
            bundle = self.attachments.get(unquote(url.removeprefix("attachment:")), {})
            kind, data = next(((kind, bundle[kind]) for kind in PICTURES if kind in bundle), ("", ""))
        data = picture(kind, data)
        return f'<img src="data:{kind};base64,{data}">' if data else f"(image: {text})"

    def inline_html(self, html):
        return NOT_INLINE.sub("&lt;", html)

    def block_html(self, html):
        return f"<p>{self.inline_html(html).strip()}</p>"

    def inline_math(self, body):
        return self._mark(mathml(body))

    def block_math(self, body):
        return self._mark(mathml(body, "block"))

    def latex_environment(self, name, body):
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")

    def _mark(self, formula):
        self.formulas.append(formula)
        return f"{self.nonce}x{len(self.formulas) - 1}x"


def _written(node):
    """Return an element of MathML as text. The library's own text is not used: it leaves tags inside \\text as tags."""
    inside = escape(re.sub(r"^\\(?=[a-zA-Z])", "", unescape(node.text or "")))
    inside += "".join(_written(child) + escape(unescape(child.tail or "")) for child in node)
    if node.tag not in MATHML.split():
        return inside
    options = [
        f' {key}="{value}"' for key, value in node.attrib.items() if key in MATHML_OPTIONS.split() and _word(value)
    ]
    return f"<{node.tag}{''.join(options)}>{inside}</{node.tag}>"


def _word(value):
    return re.fullmatch(r"[\w.%-]*", value)


def _clean_cell(cell, name):
    known = cell.metadata.get("nbgrader", {})
    metadata = {}
    if _word(str(known.get("grade_id", " "))):
        metadata["nbgrader"] = {key: known[key] for key in NBGRADER if _word(str(known.get(key, " ")))}
    if cell.cell_type == "code":
        outputs, count = [_clean_output(output) for output in cell.outputs], cell.get("execution_count")
        cleaned = nbformat.v4.new_code_cell(plain(cell.source), outputs=outputs, metadata=metadata, id=name)
        cleaned.execution_count = count if isinstance(count, int) else None
        return cleaned
    text = html_of(cell.source, cell.get("attachments")) if cell.cell_type == "markdown" else _as_it_is(cell.source)
    return nbformat.v4.new_markdown_cell(text, metadata=metadata, id=name)


def _as_it_is(text):
    return f"<div><pre>{escape(plain(text))}</pre></div>".translate(INERT)


def _clean_output(output):
    if output.output_type == "stream":
        name = output.name if output.name in ("stdout", "stderr") else "stdout"
        return nbformat.v4.new_output("stream", name=name, text=plain(output.text))
    if output.output_type == "error":
        name, value = plain(output.ename), plain(output.evalue)
        lines = list(map(plain, output.traceback))
        return nbformat.v4.new_output("error", ename=name, evalue=value, traceback=lines)
    data = {kind: picture(kind, output.data[kind]) for kind in PICTURES if kind in output.data}
    data = {kind: content for kind, content in data.items() if content}
    if "text/plain" in output.data:
        data["text/plain"] = plain(output.data["text/plain"])
    if not data:
        data["text/plain"] = f"({', '.join(sorted(map(plain, output.data))) or 'nothing'}: not shown)"
    return nbformat.v4.new_output("display_data", data=data)
