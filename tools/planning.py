"""What is run for a submission, and in which order: the lab's setup cells, then its answers and tests, nothing else.

Other cells of the student are not run, so none of them can prepare anything. Two honest habits are met: a function or
an import that an answer uses may stand in a cell of the student's own, and so may the answer itself.
"""

import ast
import builtins
from typing import NamedTuple

import suspicious
from IPython.core.inputtransformer2 import TransformerManager
from nbgrader.utils import is_grade, is_solution
from parsing import parse
from submissions import is_setup


class Plan(NamedTuple):
    """The cells to run, (kind, name, source), and what the teacher should know of them."""

    steps: list
    remarks: list


class Statement(NamedTuple):
    """A statement at the top of one of the student's cells."""

    cell: str
    first: int  # the line of its cell where it stands
    lines: str
    text: str  # without comments and line breaks of the student's own
    bound: set  # names that it gives a value to
    used: set  # names that it looks up and does not define

    @property
    def source(self):
        """Its code, at the line where it stands in its cell."""
        return "\n" * (self.first - 1) + self.lines

    @property
    def defines(self):
        return self.text.startswith(("def ", "class "))


def plan(notebook, solution):
    """Return what to run of a mended notebook, with the tests of the solution, hidden ones included."""
    students = {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}
    code = [cell for cell in solution.cells if cell.cell_type == "code"]
    setup = [("setup", f"setup {number + 1}", cell.source) for number, cell in enumerate(filter(is_setup, code))]
    taken = _bound(statement for _, name, source in setup for statement in _statements(name, source))
    given = {statement.text for cell in code if not is_solution(cell) for statement in _statements("", cell.source)}
    own = [statement for statement in _of_student(notebook) if statement.text not in given]

    steps, remarks, known = list(setup), [], taken | set(dir(builtins)) | {"get_ipython", "__name__"}
    for cell in code:
        if is_grade(cell):
            steps.append(("tests", cell.metadata.nbgrader.grade_id, cell.source))
        elif is_solution(cell):
            name = cell.metadata.nbgrader.grade_id
            pieces, more = _answer(name, students[name].source, cell.source, own, known)
            remarks += more
            for place, source in pieces:
                remarks += suspicious.remarks(place, source, taken)
                steps.append(("answer", place, source))
                known |= _bound(_statements(place, source))
    return Plan(steps, list(dict.fromkeys(remarks)))


def _answer(name, source, solution, own, known):
    """Return the pieces of code (cell, source) that make an answer, the student's helpers first, and the remarks."""
    pieces, remarks, statements = [(name, source)], [], _statements(name, source)
    others = [statement for statement in own if statement.cell != name]
    wanted = _bound(statement for statement in _statements("", solution) if statement.defines)
    elsewhere = {key: other for other in others if other.defines for key in other.bound & wanted}  # the last one counts
    if elsewhere and _unwritten(statements, wanted):
        statements = list(elsewhere.values())
        pieces = [(statement.cell, statement.source) for statement in statements]
        remarks.append(f"answer {name} was written in {statements[0].cell}, taken from there")
    names = _bound(statements)
    missing = set().union(*(statement.used for statement in statements)) - names - known
    helpers = _helpers(missing, others, known | names)
    pieces = [*((statement.cell, statement.source) for statement in helpers), *pieces]
    missing -= _bound(helpers)
    if missing and not any("import *" in statement.text for statement in [*helpers, *statements]):
        remarks.append(f"{name} uses {', '.join(sorted(missing)[:5])}, which no setup or answer cell defines")
    return pieces, remarks


def _bound(statements):
    return set().union(*(statement.bound for statement in statements))


def _unwritten(statements, wanted):
    """Tell whether an answer cell is as the student found it, or defines nothing of what it should."""
    written = [statement.text for statement in statements if statement.bound & wanted]
    return all("raise NotImplementedError(" in text and "return" not in text.rpartition('"""')[2] for text in written)


def _helpers(missing, own, known):
    """Return the student's own statements that define the missing names, and the names that these need, in order."""
    chosen, todo = {}, list(missing)
    while todo:
        name = todo.pop()
        found = [number for number, s in enumerate(own) if name in s.bound]
        if found and found[-1] not in chosen:
            chosen[found[-1]] = own[found[-1]]
            todo += own[found[-1]].used - known
    return [chosen[number] for number in sorted(chosen)]


def _of_student(notebook):
    """Return the statements of all cells but tests cells that define a name."""
    found, number = [], 0
    for cell in notebook.cells:
        number += cell.cell_type == "code"
        if cell.cell_type == "code" and not is_grade(cell):
            found += _statements(cell.metadata.get("nbgrader", {}).get("grade_id", f"code cell {number}"), cell.source)
    return [statement for statement in found if statement.bound]


def _statements(cell, source):
    """Return the statements at the top of a cell, [] where it is not Python."""
    try:
        source = TransformerManager().transform_cell(source)
        lines, nodes = source.splitlines(), parse(source).body
        return [_statement(cell, lines, node) for node in nodes]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _statement(cell, lines, node):
    first = min(part.lineno for part in [node, *getattr(node, "decorator_list", [])])
    there = "\n".join(lines[first - 1 : node.end_lineno])
    return Statement(cell, first, there, ast.unparse(node), suspicious.bound(node), _used(node))


def _used(statement):
    """Return the names that a statement looks up and does not give a value to anywhere inside."""
    nodes = list(ast.walk(statement))
    own = {node.arg for node in nodes if isinstance(node, ast.arg)} | suspicious.bound(statement)
    own |= {node.name for node in nodes if isinstance(node, ast.ExceptHandler) and node.name}
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef):
            own |= suspicious.bound(node)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            own.add(node.id)
    return {node.id for node in nodes if isinstance(node, ast.Name)} - own
