"""The labs as the tests see them: setup cells, answer cells, tests cells."""

import re
from functools import cache, cached_property
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(path.parent.name for path in ROOT.glob("solutions/*/*.ipynb") if path.stem == path.parent.name)
REGION = re.compile(r"^( *)### BEGIN SOLUTION.*?### END SOLUTION", re.DOTALL | re.MULTILINE)


def notebooks():
    """Return the lessons and the solutions."""
    return sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("solutions/*/*.ipynb")])


class Lab:
    """One lab of solutions/; its cells run as plain Python, without a kernel."""

    def __init__(self, name, language=""):
        self.name = name
        self.notebook = nbformat.read(ROOT / "solutions" / language / name / f"{name}.ipynb", 4)
        code = [cell for cell in self.notebook.cells if cell.cell_type == "code"]
        self.setup = [cell.source for cell in code if "setup" in cell.metadata.get("tags", [])]
        self.answers = {_meta(cell).grade_id: cell.source for cell in code if _meta(cell).get("solution")}
        self.tests = {_meta(cell).grade_id: cell.source for cell in code if _meta(cell).get("grade")}
        self.points = {
            _meta(cell).grade_id: _meta(cell).points for cell in self.notebook.cells if _meta(cell).get("grade")
        }

    def tests_of(self, answer):
        """Return the ids of the tests cells of one answer: test_<answer> and test_<answer>_<part>."""
        return [name for name in self.tests if self.answer_of(name) == answer]

    def answer_of(self, tests):
        """Return the id of the answer cell that a tests cell belongs to, None if there is none."""
        named = [name for name in self.answers if f"{tests}_".startswith(f"test_{name}_")]
        return max(named, key=len, default=None)

    def stub(self, answer):
        """Return the answer cell as a student finds it."""
        return REGION.sub(r'\1raise NotImplementedError("to be written")', self.answers[answer])

    @cached_property
    def _ready(self):
        space = {"__name__": "__main__"}
        for source in self.setup:
            _run(source, space)
        if "small_classifier" in space:
            space["small_classifier"] = cache(space["small_classifier"])  # so that TensorFlow traces each of them once
        return space

    def points_of(self, answer, source, until_loss=False):
        """Return the points that `source`, in the place of an answer cell, earns, and why it loses any.

        The other answers are the solution's. All runs share the imports and the small classifiers; every function is
        made anew. With `until_loss`, the tests cells after the first that fails are not run.
        """
        space = dict(self._ready)
        try:
            for name, solution in self.answers.items():
                _run(source if name == answer else solution, space)
        except Exception as error:  # an answer cell that fails by itself stops nobody's kernel
            return 0, f"the cell itself: {error!r}"
        earned, reasons = 0, []
        for name in self.tests_of(answer):
            try:
                _run(self.tests[name], dict(space))
                earned += self.points[name]
            except Exception as error:
                reasons.append(f"{name}: {type(error).__name__}: {error}")
                if until_loss:
                    break
        return earned, "\n".join(reasons)


def _meta(cell):
    return cell.metadata.get("nbgrader", nbformat.NotebookNode())


def _run(source, space):
    exec(compile(source, "<cell>", "exec"), space)
