"""What holds the project together: one list of dependencies, floors that import downwards only."""

import ast
import re
import runpy
from pathlib import Path

import pytest
import yaml

import tp_visualisation as tpv

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    tomllib = pytest.importorskip("tomli")

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "tp_visualisation"
GITHUB = ROOT / ".github"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

FLOORS = [  # a file imports from floors below its own, or from its own folder
    {"checks", "names", "files", "processes"},
    {"photographs", "later", "conversions"},
    {"images", "labels", "resampling", "quadtree"},
    {"samples", "maps"},
    {"steps"},
    {"networks", "engines"},
    {"classifier"},
    {"kept"},
    {"loading"},
    {"course", "saliency", "class_model"},
    {"adversarial"},
    {"evaluation"},
    {"evaluation.study"},
    {"plotting"},
    {"explorer"},
    {"cli"},
]
LONGEST = 350  # lines of a file
NAMED = {"Makefile", "NOTICE", "LICENSE", "Dockerfile"}
TEXTS = {".md", ".py", ".toml", ".cff", ".yml", ".yaml", ".in", ".css", ".tpl", ".j2"}


def test_conda_environment_installs_the_project_and_lists_no_dependency_of_its_own():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    conda = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert [re.split("[=<>]", entry)[0] for entry in conda] == ["python", "pip"]
    (installed,) = pip
    extras = re.fullmatch(r"--editable \.\[(.*)\]", installed)[1].split(",")
    assert set(extras) <= set(PYPROJECT["optional-dependencies"])

    minor = int(re.fullmatch(r"python=3\.(\d+)", conda[0])[1])
    assert minor >= int(re.fullmatch(r">=3\.(\d+)", PYPROJECT["requires-python"])[1])


def test_every_dependency_has_a_lower_and_an_upper_bound():
    extras = [entry for extra in PYPROJECT["optional-dependencies"].values() for entry in extra]
    for entry in PYPROJECT["dependencies"] + extras:
        if not entry.startswith("tp_visualisation["):
            assert re.search(r">=[\d.]+,<[\d.]+$", entry), entry


def test_version_is_written_once():
    assert "version" in PYPROJECT["dynamic"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", tpv.__version__)


def test_the_address_of_the_project_stands_in_one_place():
    """Notebooks hold it too, since they are opened elsewhere: tests/course/test_notebooks.py compares them."""
    name = PYPROJECT["urls"]["Repository"].removeprefix("https://github.com/")
    holding = {str(path.relative_to(ROOT)) for path in _texts() if name in path.read_text(encoding="utf-8")}
    assert holding == {"pyproject.toml"}


def test_links_of_the_readme_lead_somewhere_from_the_registry_too():
    said = runpy.run_path(str(ROOT / "setup.py"))["readme"]()
    address = PYPROJECT["urls"]["Repository"]
    links = [link for link in re.findall(r"\]\(([^)#]+)", said) if not link.startswith("https://arxiv.org/")]
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)", said)
    assert len(pictures) > 20
    assert all(link.startswith(f"{address}/raw/main/docs/figures/") for link in pictures)
    gone = [link for link in links if not (ROOT / re.sub(rf"^{address}/(raw|blob)/main/", "", link)).is_file()]
    assert not gone


def test_pythons_are_the_same_everywhere():
    said = [line.split(" :: ")[-1] for line in PYPROJECT["classifiers"] if "Python :: 3." in line]
    assert PYPROJECT["requires-python"] == f">={said[0]}"
    assert f"Python {said[0]} to {said[-1]}" in (ROOT / "README.md").read_text(encoding="utf-8")
    workflow = GITHUB / "workflows" / "tests.yml"
    if workflow.is_file():  # an sdist has none
        jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
        assert jobs["tests"]["strategy"]["matrix"]["python"] == said


@pytest.mark.skipif(not GITHUB.is_dir(), reason="an sdist has no forms")
def test_forms_can_be_read_and_ask_what_is_installed():
    forms = {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in GITHUB.glob("ISSUE_TEMPLATE/*.yml")
    }
    asking = {name for name, form in forms.items() if "tpvis doctor" in str(form.get("body"))}
    assert asking == {"mistake", "course"}
    for name in forms.keys() - {"config"}:
        assert {"name", "description", "body"} <= forms[name].keys(), name
    for path in [*GITHUB.glob("workflows/*.yml"), GITHUB / "dependabot.yml", ROOT / ".pre-commit-config.yaml"]:
        assert yaml.safe_load(path.read_text(encoding="utf-8")), path


@pytest.mark.skipif(not GITHUB.is_dir(), reason="an sdist has no workflows")
def test_workflows_end_ask_for_little_and_take_what_is_published_from_known_hands():
    for path in GITHUB.glob("workflows/*.yml"):
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert workflow["permissions"] == {"contents": "read"}
        for name, job in workflow["jobs"].items():
            assert job["timeout-minutes"] <= 120, name
            for step in job["steps"]:
                used = step.get("uses", "actions/x@v1")
                assert re.fullmatch(r"actions/[\w-]+@v\d+|\S+@[0-9a-f]{40}", used), used  # GitHub's own; or one commit
                if "checkout" in used:
                    assert step["with"] == {"persist-credentials": False}, name


def test_it_can_be_cited_and_says_what_it_has_of_others():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors", "type"} <= citation.keys()
    assert citation["license"] == PYPROJECT["license"]
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    packages = PYPROJECT["dependencies"] + PYPROJECT["optional-dependencies"]["networks"]
    data = [re.split(">", entry)[0] for entry in packages if re.match("efficientnet|foolbox|imagenet", entry)]
    assert len(data) == 5
    assert not [name for name in data if name not in notice]


@pytest.mark.skipif(not (ROOT / "Makefile").is_file(), reason="an sdist has no Makefile")
def test_what_make_does_can_be_done_without_it():
    (phony,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    table = (ROOT / "README.md").read_text(encoding="utf-8").split("## Without make")[1].split("## ")[0]
    said = {name for row in re.findall(r"^\| (`.*?) \|", table, re.M) for name in re.findall(r"`([\w-]+)[^`]*`", row)}
    assert said == set(phony.split()) - {"help", "clean"}


FILES = sorted(PACKAGE.rglob("*.py"))
DOOR = "__init__.py"


def test_only_plotting_imports_matplotlib():
    importers = {_room(path) for path in FILES if any(name.split(".")[0] == "matplotlib" for name in _imported(path))}
    assert importers == {"plotting"}


def test_a_floor_imports_only_floors_below_it():
    floor_of = {name: number for number, names in enumerate(FLOORS) for name in names}
    for path in FILES:
        own = _room(path)
        for imported in _imported_files(path):
            room = _room(imported)
            door_of_its_study = path == PACKAGE / "evaluation" / DOOR and room == "evaluation.study"
            if path != PACKAGE / DOOR and imported != PACKAGE / DOOR and room != own and not door_of_its_study:
                assert floor_of[room] < floor_of[own], f"{path.relative_to(ROOT)} imports {room}"


@pytest.mark.parametrize("folder", ["tp_visualisation", "tools"])
def test_no_file_imports_itself_in_a_circle(folder):
    """Imports inside functions count. A door, `__init__.py`, imports what is in its folder, so nobody there uses it."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    left = {path: _imported_files(path) - {path, PACKAGE / DOOR} for path in paths if path != PACKAGE / DOOR}
    while leaves := [path for path, imported in left.items() if not imported & left.keys()]:
        for path in leaves:
            del left[path]
    assert not left, "in a circle, or above one: " + ", ".join(str(path.relative_to(ROOT)) for path in left)


def test_imports_are_seen_wherever_and_however_they_are_written(tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    for name in (DOOR, "one.py", "two.py", "three.py"):
        (package / name).write_text("")
    written = {
        "def late():\n    from . import one": "one.py",
        "from .two import something": "two.py",
        "import package.three": "three.py",
        "from package import one": "one.py",
        "from package import something": DOOR,
        "if True:\n    from package.three import something as other": "three.py",
    }
    for text, file in written.items():
        (package / "reader.py").write_text(text)
        assert _imported_files(package / "reader.py", tmp_path) == {package / file}, text
    (package / "reader.py").write_text("import three")  # in a package, that is somebody else's module
    assert not _imported_files(package / "reader.py", tmp_path)
    (package / DOOR).unlink()  # beside a script, it is the script's neighbour
    assert _imported_files(package / "reader.py", tmp_path) == {package / "three.py"}


def test_no_file_is_longer_than_one_reads():
    long = {
        str(path.relative_to(ROOT)): count
        for path in FILES
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert not long


def _texts():
    """Yield what people read or programs obey: pages, settings, code; not the notebooks, and not what tests them."""
    folders = [ROOT, *(ROOT / name for name in (".github", "docs", "notebooks", "locale", "tp_visualisation", "tools"))]
    for folder in folders:
        for path in folder.glob("*" if folder == ROOT else "**/*"):
            if path.is_file() and (
                path.suffix in TEXTS or path.name in ("Makefile", "NOTICE", "LICENSE", "Dockerfile")
            ):
                yield path


def _room(path):
    """The folder or file at the top of the package that a path belongs to; the study is a room of its own."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:2]) if parts[:2] == ("evaluation", "study") else parts[0]


def _imported_files(path, root=ROOT):
    """The files below `root` that a file imports, at its top or inside a function; a script also those beside it."""
    files: set = set()
    places = [root] if (path.parent / DOOR).exists() else [root, path.parent]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                files |= {_file(folder.joinpath(*alias.name.split("."))) for folder in places}
        elif isinstance(node, ast.ImportFrom):
            folders = [path.parents[node.level - 1]] if node.level else places
            for folder in folders:
                module = folder.joinpath(*(node.module or "").split(".")) if node.module else folder
                files |= {_file(module / alias.name) or _file(module) for alias in node.names}
    return files - {None}


def _file(place):
    """The file of a module, of a folder its door; None where there is neither."""
    return next((file for file in (place.with_name(f"{place.name}.py"), place / DOOR) if file.is_file()), None)


def _imported(path):
    """The names of modules, whole, that a file imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def test_no_test_outside_the_course_needs_those_of_the_course():
    """They are not in the sdist, which must be able to run its own."""
    paths = [path for path in (ROOT / "tests").rglob("*.py") if (ROOT / "tests" / "course") not in path.parents]
    assert not [path for path in paths if any(name.split(".")[0] == "course" for name in _imported(path))]


def test_tests_have_names_of_their_own():
    """Python takes two files of one name for one module where their folders are no packages."""
    alone = [path for path in (ROOT / "tests").rglob("test_*.py") if not (path.parent / DOOR).exists()]
    assert len({path.name for path in alone}) == len(alone)


def test_texts_are_read_and_written_in_utf_8_on_every_system():
    """Windows has other encodings of its own. Tests may write a few letters without saying so."""
    folders = ("tp_visualisation", "tools", "docs", "benchmarks", "tests")
    paths = [ROOT / "setup.py", *(path for folder in folders for path in (ROOT / folder).rglob("*.py"))]
    for path in paths:
        said = [name for name in _without_encoding(path) if name == "read_text" or "tests" not in path.parts]
        assert not said or "answers" in path.parts, (str(path.relative_to(ROOT)), said)


def test_a_text_without_an_encoding_is_seen(tmp_path):
    path = tmp_path / "program.py"
    good = 'open(p, "rb"); p.read_text("utf-8"); p.write_text(t, encoding="utf-8"); Image.open(p); open(p, "a+b")\n'
    path.write_text(good + 'open(p)\nopen(p, "w")\np.read_text()\np.write_text(t)\n', encoding="utf-8")
    assert _without_encoding(path) == ["open", "open", "read_text", "write_text"]


def _without_encoding(path):
    """Return the names of what a file calls to read or write a text without saying in which encoding."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or any(keyword.arg == "encoding" for keyword in node.keywords):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in ("read_text", "write_text") and len(node.args) == (name == "write_text"):
            found.append(name)
        mode = ast.unparse(node.args[1]) if len(node.args) > 1 else "r"
        if isinstance(node.func, ast.Name) and name == "open" and "b" not in mode:
            found.append(name)
    return found
