"""The feedback and the formgrader, in a headless browser, with the payloads of a hostile student in every place."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from types import SimpleNamespace

import nbformat
import pytest
from chromium import BROWSER, OPTIONS
from nbconvert.exporters import HTMLExporter
from nbgrader.api import Gradebook

from . import payloads
from .labs import NAMES, ROOT, Lab
from .test_cleaning import png
from .test_grading import RIGHT, grade, new_course, submit

sys.path.insert(0, str(ROOT / "tools"))
from questions import questions

MODEL = "**Model answer.** A half, $\\frac{1}{2}$.\n\n**Marking.** 1 point for the half."
NAME = '"><img src=x onerror=alert(1)>'  # of a student's folder
SECONDS = 60

needs_a_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome here to look at the pages with")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course graded twice: the second time after a state that a version without cleaning has left."""
    root = new_course(tmp_path_factory.mktemp("course"))
    path = root / "solutions" / "tiny" / "tiny.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells[-1].source = MODEL
    notebook.cells.insert(-1, nbformat.v4.new_markdown_cell("## Question 1. Why?\n\nSay *why*.", id="question"))
    notebook.cells.insert(1, nbformat.v4.new_markdown_cell("## 1. Twice", id="part"))
    nbformat.write(notebook, path)
    subprocess.run([sys.executable, ROOT / "tools" / "course.py", "exercises", "--root", root], check=True)

    hostile = submit(
        root,
        "eve",
        "tiny",
        {**RIGHT, "why": "\n\n".join(payloads.TEXTS.values())},
        lambda notebook, cells: payloads.attack(notebook),
        name="<img src=x onerror=alert(1)>.ipynb",
    )
    (hostile / "page.html").write_text("<script>alert(1)</script>")
    submit(root, NAME, "tiny", RIGHT)
    first = grade(root)

    folder = root / "grading"
    state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    (folder / "state.json").write_text(json.dumps(state["submissions"]))  # as before version 2
    left = folder / "autograded" / "eve" / "tiny"
    given = nbformat.read(next(hostile.glob("*.ipynb")), 4)
    graded = nbformat.read(left / "tiny.ipynb", 4)
    graded.cells += [cell for cell in given.cells if "nbgrader" not in cell.metadata]
    nbformat.write(graded, left / "tiny.ipynb")
    (left / "page.html").write_text("<script>alert(1)</script>")
    (folder / "feedback" / "eve" / "tiny" / "tiny.html").write_text("<script>alert(1)</script>")
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:  # names were not refused either
        gradebook.add_student(NAME)
        gradebook.add_submission("tiny", NAME)
    shutil.copytree(folder / "autograded" / "eve", folder / "autograded" / NAME)

    spy = "asked = []\ndef double(x):\n    asked.append(x)\n    return 2 * x"
    wrong = "print('asked for', asked)\ndef triple(x):\n    return 3"
    written = "My $x^2$ and\n\n![](attachment:mine.png)"
    submit(root, "ada", "tiny", {"double": spy, "triple": wrong, "why": written}, attach)
    return SimpleNamespace(root=root, folder=folder, hostile=given, first=first, second=grade(root))


def attach(notebook, cells):
    cells["why"].attachments = {"mine.png": {"image/png": png()}}


@pytest.fixture(scope="module")
def server(course, tmp_path_factory):
    """The address of a formgrader, started as `make formgrader` does."""
    home = tmp_path_factory.mktemp("home")
    shutil.copy(ROOT / "nbgrader_config.py", course.root)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, ROOT / "tools" / "formgrader.py", "--ServerApp.open_browser=False", "--allow-root"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=secret"]
    places = {"HOME": home, "JUPYTER_CONFIG_DIR": home, "JUPYTER_DATA_DIR": home, "JUPYTER_RUNTIME_DIR": home / "run"}
    places = {name: str(place) for name, place in places.items()}
    with (home / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **places}, cwd=course.root)
        try:
            address = f"http://127.0.0.1:{port}"
            end = time.monotonic() + SECONDS
            while status(f"{address}/formgrader/gradebook?token=secret") != 200:
                assert time.monotonic() < end, (home / "log").read_text(encoding="utf-8")
                time.sleep(0.5)
            yield address
        finally:
            process.terminate()
            process.wait(30)


def status(address):
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status if "/login" not in answer.url else 403
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright here: pip install playwright")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=BROWSER, headless=True, args=OPTIONS)
        yield chromium
        chromium.close()


@pytest.fixture
def tab(browser):
    """A page that notes what happens in it: `ran`, dialogs of scripts; `loaded`, addresses; `said`, errors."""
    context = browser.new_context(viewport={"width": 1300, "height": 1000})
    page = context.new_page()
    seen = SimpleNamespace(page=page, ran=[], loaded=[], said=[])

    def dismiss(dialog):
        seen.ran.append(dialog.message)
        with contextlib.suppress(Exception):  # the page may be gone
            dialog.dismiss()

    page.on("dialog", dismiss)
    page.on("request", lambda request: seen.loaded.append(request.url))
    page.on("console", lambda message: seen.said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: seen.said.append(str(error)))
    yield seen
    context.close()


def nothing_happened(tab, *addresses):
    tab.page.wait_for_timeout(700)
    assert tab.ran == []
    assert tab.said == []
    assert [address for address in tab.loaded if not address.startswith((*addresses, "data:image/"))] == []
    assert tab.page.url.startswith(addresses)


def picture_of(tab, name):
    """Keep a picture of the page where SCREENSHOTS says, to be looked at."""
    if "SCREENSHOTS" in os.environ:
        tab.page.screenshot(path=os.path.join(os.environ["SCREENSHOTS"], f"{name}.png"), full_page=True)


@needs_a_browser
def test_the_payloads_are_real(course, tab, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(HTMLExporter().from_notebook_node(course.hostile)[0])
    tab.page.goto(page.as_uri(), wait_until="commit")
    tab.page.wait_for_timeout(1000)
    assert tab.ran
    assert any(address.startswith(payloads.AWAY) for address in tab.loaded)


@needs_a_browser
@pytest.mark.parametrize("student", ["ada", "eve"])
def test_nothing_runs_in_the_feedback_and_nothing_is_loaded(course, tab, student):
    page = course.folder / "feedback" / student / "tiny" / "tiny.html"
    tab.page.goto(page.as_uri())
    nothing_happened(tab, "file://")
    links = tab.page.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert [link for link in links if not link.startswith("#")] == []
    picture_of(tab, f"feedback_{student}")


@needs_a_browser
@pytest.mark.parametrize("student", ["ada", "eve", NAME])
def test_nothing_runs_in_the_formgrader_and_nothing_is_loaded(server, tab, student):
    open_submission(tab, server, student)
    nothing_happened(tab, server)
    assert tab.page.locator(".answer a, .text_cell_render a, .answer input, .output a").count() == 0
    picture_of(tab, f"formgrader_{'refused' if student == NAME else student}")


def open_submission(tab, server, student):
    tab.page.goto(f"{server}/formgrader/gradebook?token=secret")
    tab.page.locator("td.name a").click()
    tab.page.locator("td.name a").first.click()
    tab.page.locator("td.name a.name-hidden").first.wait_for()
    tab.page.click("#toggle_names")
    nothing_happened(tab, server)
    tab.page.locator("td.name a.name-shown").get_by_text(student, exact=True).click()
    tab.page.locator("input.score").first.wait_for()


@needs_a_browser
def test_the_policy_alone_stops_scripts_that_are_not_cleaned(course, server, tab):
    path = course.folder / "autograded" / "eve" / "tiny" / "tiny.ipynb"
    clean = path.read_bytes()
    dirty = nbformat.read(path, 4)
    texts = [text for name, text in payloads.TEXTS.items() if name not in ("meta_refresh", "unclosed", "base")]
    dirty.cells += [nbformat.v4.new_markdown_cell(text) for text in texts]
    try:
        nbformat.write(dirty, path)
        open_submission(tab, server, "eve")
        tab.page.wait_for_timeout(700)
        tab.page.locator("a", has_text="look").first.click(force=True)
        tab.page.wait_for_timeout(300)
    finally:
        path.write_bytes(clean)
    assert tab.ran == []
    assert any("Content Security Policy" in message for message in tab.said)


@needs_a_browser
def test_marks_and_comments_are_given_beside_the_model_answer(course, server, tab):
    open_submission(tab, server, "ada")
    page = tab.page
    why = page.locator(".nbgrader_cell", has=page.locator("#why"))
    assert "Question 1. Why?" in why.locator(".panel-heading").inner_text()
    assert "1 point for the half." in why.locator(".model").inner_text()
    assert why.locator(".model math mfrac").bounding_box()["height"] > 10  # a formula, without network
    assert why.locator(".answer math msup").count() == 1
    assert why.locator(".answer img").bounding_box()["width"] == 2
    answer, model = (why.locator(f".{side}").bounding_box() for side in ("answer", "model"))
    assert answer["x"] + answer["width"] <= model["x"]
    assert "draft" not in page.content().lower()

    page.fill("#why", "0.5")
    page.fill("#why-comment", "Half of it, $\\frac{1}{2}$.")
    page.locator("#why").click()
    page.get_by_text("1. Twice: triple, tests").wait_for()
    page.locator(".nbgrader_cell", has=page.locator("#test_triple")).locator(".full-credit").click()
    nothing_happened(tab, server)
    with Gradebook(f"sqlite:///{course.folder / 'gradebook.db'}") as gradebook:
        assert gradebook.find_grade("why", "tiny", "tiny", "ada").manual_score == 0.5
        assert gradebook.find_grade("test_triple", "tiny", "tiny", "ada").manual_score == 2
        assert gradebook.find_comment("why", "tiny", "tiny", "ada").comment.startswith("Half of it")
    page.locator("li.next a").click()
    page.locator("input.score, td.name").first.wait_for()
    nothing_happened(tab, server)

    grade(course.root)
    page.goto((course.folder / "feedback" / "ada" / "tiny" / "tiny.html").as_uri())
    assert "tiny: 5.5 / 6" in page.locator("h1").first.inner_text()
    assert page.locator(".comment math mfrac").count() == 1


@pytest.mark.parametrize(
    "path",
    [
        "formgrader/manage_assignments",
        "formgrader/manage_students",
        "formgrader/manage_submissions/tiny",
        "formgrader/api/submission/tiny/eve/autograde",
        "formgrader/submissions/x/page.html",
        "files/grading/submitted/eve/tiny/page.html",
        "nbconvert/html/grading/submitted/eve/tiny/tiny.ipynb",
        "view/grading/submitted/eve/tiny/page.html",
        "api/contents",
        "api/kernels",
        "api/terminals",
        "lab",
        "tree",
    ],
)
def test_the_formgrader_serves_nothing_else(server, path):
    assert status(f"{server}/{path}?token=secret") == 404


def test_the_formgrader_asks_who_is_there(server):
    assert status(f"{server}/formgrader/api/grades?submission_id=1") == 403
    assert status(f"{server}/formgrader/api/assignments") == 403


def test_a_folder_name_with_tags_is_refused_in_one_sentence(course):
    for run in (course.first, course.second):
        assert run.rows[NAME, "tiny"]["remark"].startswith("NOT GRADED: the folder's name has ")
    assert not (course.folder / "feedback" / NAME).exists()


def test_autograded_holds_one_clean_notebook_for_each_submission_and_nothing_else(course):
    files = sorted(path for path in (course.folder / "autograded").rglob("*") if path.is_file())
    names = {path.relative_to(course.folder / "autograded").parts for path in files}
    assert names == {(student, "tiny", "tiny.ipynb") for student in ("ada", "eve", NAME)}
    for path in files:
        for cell in nbformat.read(path, 4).cells:
            assert set(cell.metadata) <= {"nbgrader"}
            assert cell.cell_type == "code" or cell.source.startswith("<div>")
    assert json.loads((course.folder / "state.json").read_text(encoding="utf-8"))["version"] == 2
    kept = next((course.folder / "submitted" / "eve" / "tiny").glob("*.ipynb"))
    assert "<script>" in kept.read_text(encoding="utf-8")  # what was handed in stays as it was


def test_feedback_names_each_test_and_what_waits_for_the_teacher(course):
    page = (course.folder / "feedback" / "eve" / "tiny" / "tiny.html").read_text(encoding="utf-8")
    for title, points in (("1. Twice: double, tests", "3 / 3"), ("Question 1. Why?", "not marked yet / 1")):
        row = page.split(f">{title}</a>")[1].split("</tr>")[0]
        assert points in row
    assert "### BEGIN HIDDEN TESTS" in page
    assert "<script" not in page
    assert "default-src 'none'" in page


def test_hidden_no_leaves_hidden_tests_out_of_the_feedback(course):
    page = course.folder / "feedback" / "ada" / "tiny" / "tiny.html"
    shown = page.read_text(encoding="utf-8")
    for secret in ("HIDDEN", "AssertionError", "asked for [1, 3]"):
        assert secret in shown
    rows = grade(course.root, "--hidden", "no").rows
    closed = page.read_text(encoding="utf-8")
    for secret in ("HIDDEN", "AssertionError", "asked for [1, 3]"):
        assert secret not in closed
    assert "Hidden tests and outputs are left out as long as you can hand in again." in closed
    assert "1. Twice: triple, tests" in closed
    assert rows["ada", "tiny"]["automatic"] in ("3", "5")
    assert grade(course.root).rows == rows
    assert "AssertionError" in page.read_text(encoding="utf-8")


def test_autograding_with_nbgrader_alone_is_refused(course):
    shutil.copy(ROOT / "nbgrader_config.py", course.root)
    command = [sys.executable, "-m", "nbgrader", "autograde", "tiny", "--student", "ada", "--force"]
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    kept = course.root / "kept"
    shutil.copytree(course.folder / "autograded", kept)
    run = subprocess.run(command, cwd=course.root, capture_output=True, text=True, env={**os.environ, "PATH": path})
    left = [path for path in (course.folder / "autograded" / "ada").rglob("*") if path.is_file()]
    shutil.rmtree(course.folder / "autograded")
    kept.rename(course.folder / "autograded")
    assert run.returncode != 0
    assert "make grade-isolated" in run.stderr
    assert left == []


@pytest.mark.parametrize("lab", NAMES)
def test_every_question_and_test_of_a_lab_has_a_title_of_its_own(lab):
    asked = questions(ROOT, lab)
    titles = [question.title for question in asked.values()]
    assert len(set(titles)) == len(titles)
    points = Lab(lab).points
    assert set(points) <= set(asked)
    for name in points:
        written = name not in Lab(lab).tests
        assert asked[name].title.startswith("Question" if written else tuple("123456789"))
        assert ("<strong>Marking.</strong>" in asked[name].model_answer) == written
