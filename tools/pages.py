"""The page that a student gets: points, comments, and the tests called by their names, without a script in it."""

import re
from pathlib import Path

import nbformat
from cleaning import html_of
from languages import language_of, words
from nbconvert.exporters import HTMLExporter
from nbgrader.preprocessors import GetGrades
from questions import questions

TEMPLATES = Path(__file__).resolve().parent / "templates"
HIDDEN_TESTS = re.compile(r"^[ \t]*### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS[^\n]*\n?", re.DOTALL | re.MULTILINE)


def feedback_page(config, student, lab, to_mark=(), hidden=True):
    """Return the HTML of the feedback on a submission; the answers `to_mark` still wait for the teacher.

    Without `hidden`, neither hidden tests nor outputs are in it: what the student's code printed while they ran, or
    kept and printed later, tells what they are.
    """
    root = Path(config.CourseDirectory.root)
    notebook = nbformat.read(root / "grading" / "autograded" / student / lab / f"{lab}.ipynb", 4)
    if not hidden:
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.source, cell.outputs = HIDDEN_TESTS.sub("", cell.source), []
    language = language_of(root, notebook)
    asked, said = questions(root, lab, language), words(root, language)

    def title_of(name):
        return asked[name].title if name in asked else name

    exporter = HTMLExporter(
        config=config,
        template_name="feedback_page",
        extra_template_basedirs=[str(TEMPLATES)],
        filters={"html_of": html_of, "title_of": title_of, "said": lambda text: said.get(text, text)},
    )
    exporter.register_preprocessor(GetGrades(), enabled=True)
    about = {"notebook": lab, "assignment": lab, "student": student, "db_url": config.CourseDirectory.db_url}
    shown = {"nbgrader": about, "to_mark": to_mark, "hidden": hidden, "language": language or "en"}
    html, _ = exporter.from_notebook_node(notebook, shown)
    return html
