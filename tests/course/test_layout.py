"""The code of lessons and labs as it is read: laid out by a person, in JupyterLab's width, with names that exist."""

import ast
import importlib
import inspect
import re
import types
from functools import cache

import nbformat
import numpy as np
import pytest

from .labs import notebooks

WIDTH = 88  # columns that JupyterLab shows; the rest is cut off
INSTALL = """\
import importlib.util
import subprocess
import sys

# On Colab this takes two minutes; elsewhere the package is there already.
if importlib.util.find_spec("tp_visualisation") is None:
    url = "git+https://github.com/tp-visualisation/tp_visualisation"
    url = f"tp_visualisation[networks] @ {url}"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", url], check=True)"""
BROKEN = re.compile(r"^(.*[(\[{])\n +(.+)\n *([)\]}].*)$", re.MULTILINE)  # a bracket with one line of its own inside
ROOMS = ["adversarial", "class_model", "course", "evaluation", "images", "maps", "plotting", "quadtree", "saliency"]


@pytest.fixture(params=notebooks(), ids=lambda path: path.stem)
def cells(request):
    return nbformat.read(request.param, 4).cells


@pytest.fixture
def code(cells):
    """The code cells: id → source."""
    return {cell.id: cell.source for cell in cells if cell.cell_type == "code"}


@pytest.fixture
def prose(cells):
    """The markdown cells: id → source."""
    return {cell.id: cell.source for cell in cells if cell.cell_type == "markdown"}


def test_no_line_of_code_is_wider_than_jupyterlab_shows(code):
    wide = [(name, line) for name, source in code.items() for line in source.splitlines() if len(line) > WIDTH]
    assert not wide


def test_no_cell_speaks_to_a_tool(code):
    for name, source in code.items():
        assert not re.search(r"#\s*(fmt:|noqa|type:|ruff:|pylint:)", source), name


def test_no_cell_is_scarred_by_a_formatter(code):
    found = [(name, scar) for name, source in code.items() for scar in scars(source)]
    assert not found


@pytest.mark.parametrize(
    "scar",
    [
        "clf = (\n    tpv.load_classifier()\n)  # a larger network is slower",
        "clf = (\n    tpv.load_classifier()\n)",
        "if (\n    value is None\n):  # what a formatter does to a long comment\n    pass",
        'print(\n    f"short"\n)',
        "    x = f(\n        a, b\n    )",
        "x = f(\n    a,\n)[0]",
    ],
)
def test_scars_are_seen(scar):
    assert scars(scar)


@pytest.mark.parametrize(
    "source",
    [
        "clf = tpv.load_classifier()",
        f"print(\n    f'{'a' * 80}'\n)",
        "x = [  # why\n    1,\n]",
        "x = f(\n    # why\n    1\n)",
        "boxes = [\n    (1, 2),\n    (3, 4),\n]",
        "def f(x):\n    pass\n\n\n(y)",
        'print(\n    f"one, "\n    f"two"\n)',
        'settings = {\n    "neither": {"jitter": 0},\n    "jitter": {"jitter": 16},\n}',
    ],
)
def test_what_a_person_writes_is_no_scar(source):
    assert not scars(source)


def test_the_install_cell_is_the_same_everywhere():
    for path in notebooks():
        first = next(cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code")
        assert first.source == INSTALL, path.name
        assert first.metadata.get("tags") == ["setup"], path.name


def test_what_is_set_in_bold_ends(prose):
    for name, source in prose.items():
        for block in blocks(source):
            assert block.count("**") % 2 == 0, (name, block)


def test_bold_that_does_not_end_is_seen():
    texts = ["**Figure 1. Title.** Text.**", "- one **bold\n- two**", "a\n\n**b", "| a** | b |\n| c | **d |"]
    for text in texts:
        assert any(block.count("**") % 2 for block in blocks(text)), text
    for text in ["`x**2`", "$$ x**2 $$", "```python\nx**2\n```", "**two\nlines**"]:
        assert not any(block.count("**") % 2 for block in blocks(text)), text


def test_every_name_of_the_package_exists_and_is_public(code, prose):
    sources = [*code.values(), *quoted(prose)]
    assert not wrong_names("\n".join(sources))


@pytest.mark.parametrize(
    "wrong",
    [
        "import tp_visualisation as tpv\ntpv.saliency.no_such_method",
        "import tp_visualisation as tpv\ntpv.classifier._scores",
        "import tp_visualisation as tpv\ntpv.saliency.integrated_gradients(clf, dog, times=30)",
        "import tp_visualisation.no_such_room",
        "from tp_visualisation.images import no_such_function",
        "from tp_visualisation.images import _private",
        "from tp_visualisation import adversarial\nadversarial.fool(clf, x, 1, speed=3)",
        "from tp_visualisation.saliency import rise as f\nf(clf, x, speed=3)",
        "from tp_visualisation.images import resize\nresize(x)",
        "from tp_visualisation.images import resize\nresize(x, size, speed)",
    ],
)
def test_wrong_names_are_seen(wrong):
    assert wrong_names(wrong)


def test_every_option_that_the_text_names_is_an_option(prose):
    known = options()
    for name, source in prose.items():
        for option in re.findall(r"`(\w+)=[^=`]*`", source):
            assert option in known, (name, option)


def scars(source):
    """Return what a formatter leaves behind: a broken line that would fit, a comment hung on a closing bracket."""
    found = []
    for before, inside, after in re.findall(BROKEN, source):
        line = before + inside.removesuffix(",") + after.split("  #")[0]
        if len(line) <= WIDTH and "#" not in before + inside:
            found.append(line)
    return found + re.findall(r"^ *[)\]}]+:? +#.*", source, re.MULTILINE)


def blocks(text):
    """Return the paragraphs, list items and table cells of a markdown text, without its code and formulas."""
    for outside_markdown in (r"```.*?```", r"`[^`\n]+`", r"\$\$.*?\$\$", r"\$[^$\n]+\$"):
        text = re.sub(outside_markdown, "", text, flags=re.DOTALL)
    return re.split(r"\n\s*\n|\n\s*(?=[-|] |[-*] |\d+\. )|\|", text)


def quoted(prose):
    """Yield the Python that the text quotes from the package: fenced, or an expression that begins with `tpv.`."""
    for source in prose.values():
        yield from re.findall(r"```python\n(.*?)```", source, re.DOTALL)
        for quote in re.findall(r"`(tpv\.[^`]*)`", source):
            yield quote.replace("...", "")


def wrong_names(source):
    """Return the names of the package in a source that do not exist or are private, and the options nothing takes."""
    wrong, bound = [], {"tpv": importlib.import_module("tp_visualisation")}
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.split(".")[0] == "tp_visualisation"]
            wrong += [name for name in names if member(name) is None]
        elif isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "tp_visualisation":
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                bound[alias.asname or alias.name] = member(name)
                if member(name) is None:
                    wrong.append(name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and follow(node, bound) is None:
            wrong.append(ast.unparse(node))
        if isinstance(node, ast.Call) and inspect.isfunction(function := follow(node.func, bound)):
            given = {keyword.arg: ... for keyword in node.keywords}
            signature = inspect.signature(function)
            unpacked = None in given or any(isinstance(argument, ast.Starred) for argument in node.args)
            unknown = [name for name in given if name and name not in signature.parameters]
            if unknown or not (unpacked or _takes(signature, node.args, given)):
                wrong.append(f"{ast.unparse(node)}: takes {signature}")
    return wrong


def _takes(signature, args, options):
    try:
        signature.bind(*args, **options)
    except TypeError:
        return False
    return True


OTHER = object()  # not from the package, or no module: its attributes are its own affair


def follow(node, bound):
    """Return what an expression names if it comes from the package: a module or a function; None where it is wrong."""
    if isinstance(node, ast.Name):
        return bound.get(node.id, OTHER)
    if isinstance(node, ast.Attribute):
        owner = follow(node.value, bound)
        return member(f"{owner.__name__}.{node.attr}") if isinstance(owner, types.ModuleType) else OTHER
    return OTHER


@cache
def member(path):
    """Return the public module or member of a module by its dotted path, None where there is none."""
    module, _, name = path.rpartition(".")
    if name.startswith("_"):
        return None
    if not module:
        return importlib.import_module(name)
    owner = member(module)
    if not isinstance(owner, types.ModuleType):
        return None
    if (found := getattr(owner, name, None)) is not None:
        return found
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError:
        return None


@cache
def options():
    """Return the names of all arguments of the package's public functions and methods."""
    rooms = [importlib.import_module(f"tp_visualisation.{room}") for room in ROOMS]
    top = importlib.import_module("tp_visualisation")
    functions = [top.load_classifier, *vars(top.Classifier).values()]
    functions.append(importlib.import_module("tp_visualisation.explorer").explore)
    functions += [getattr(room, name) for room in rooms for name in dir(room) if not name.startswith("_")]
    return {
        name
        for function in functions
        if inspect.isfunction(function) or (inspect.isclass(function) and function is not np.ndarray)  # `Image`
        for name in inspect.signature(function).parameters
    }
