"""Sixty ways to get points for wrong answers: none of them gets any without a remark; no honest answer gets one.

Each trick is an answer cell `scaled` that defines a wrong function, beside a right answer that must keep its points
where the trick does not stop Python.
"""

import ast
import json
import sys
import textwrap
import tracemalloc
from functools import cache

import nbformat
import pytest

from .labs import NAMES, ROOT, Lab
from .test_grader import ANSWERS

sys.path.insert(0, str(ROOT / "tools"))
import isolation
import planning
import running
import submissions
import suspicious

LIMITS = running.Limits(10, 60, 100_000, 12, 64, 32)
SETUP = "import numpy as np"
RIGHT = "def scaled(x):\n    return (x - x.min()) / (x.max() - x.min())"
WRONG = "def scaled(x):\n    return ((x - x.min()) / (x.max() - x.min())) ** 2\n"
COUNT = "def count(x):\n    return int((x > 0).sum())"
TESTS = {
    "test_scaled_example": """
        given = scaled(np.array([[0.0, 1, 4]]))
        assert np.shape(given) == (1, 3)
        assert np.allclose(given, [[0, 0.25, 1]])""",
    "test_scaled_values": """
        def _hidden_tests():
            x = np.random.default_rng(1).normal(size=(5, 6))
            given = np.asarray(scaled(x.copy()))
            assert given.shape == x.shape and given.min() == 0 and abs(given.max() - 1) < 1e-6
            expected = np.interp(x, [x.min(), x.max()], [0, 1])
            np.testing.assert_allclose(given, expected, rtol=1e-4)


        _hidden_tests()""",
    "test_count": "assert count(np.array([1, -1, 2])) == 2",
}
LIAR = "class Liar:\n    def {0}(self, *others, **options):\n        return {1}\n"
TRICKS = {
    "showtraceback": "get_ipython().showtraceback = lambda *a, **k: None",
    "custom_exc": "get_ipython().set_custom_exc((BaseException,), lambda *a, **k: None)",
    "run_cell": "shell = get_ipython()\nshell.run_cell = lambda *a, **k: shell.history_length",
    "ast_transformer": """
        import ast

        class NoAsserts(ast.NodeTransformer):
            def visit_Assert(self, node):
                return ast.Pass()

        get_ipython().ast_transformers.append(NoAsserts())""",
    "input_transformer": """
        ip = get_ipython()
        ip.input_transformers_cleanup.append(lambda lines: ["pass"])""",
    "assert_allclose": "np.testing.assert_allclose = lambda *a, **k: None\nnp.allclose = lambda *a, **k: True",
    "assert_allclose_code": "np.testing.assert_allclose.__code__ = (lambda *a, **k: None).__code__",
    "assert_array_compare": """
        from numpy.testing._private import utils

        utils.assert_array_compare = lambda *a, **k: None
        np.allclose = lambda *a, **k: True""",
    "aliased_library": "library = np\nlibrary.allclose = lambda *a, **k: True",
    "numpy_replaced": """
        class Fake:
            def __getattr__(self, name):
                return lambda *a, **k: True

        np = Fake()""",
    "numpy_global": "def patch():\n    global np\n    np = None\n\npatch()",
    "vars_of_numpy": "vars(np)['allclose'] = lambda *a, **k: True",
    "setattr": "setattr(np, 'allclose', lambda *a, **k: True)",
    "loop_target": "for np.allclose in [lambda *a, **k: True]:\n    pass",
    "sys_modules": "import sys\nsys.modules['numpy'].allclose = lambda *a, **k: True",
    "importlib": "import importlib\nimportlib.import_module('numpy').allclose = lambda *a, **k: True",
    "import_hook": "__import__('numpy').allclose = lambda *a, **k: True",
    "library_truth": "np.interp = lambda x, *a: scaled(x)",
    "library_code": "np.interp.__wrapped__.__code__ = (lambda x, *a: (x - x.min()) ** 2 / np.ptp(x) ** 2).__code__",
    "patched_while_called": """
        def scaled(x):
            np.testing.assert_allclose = lambda *a, **k: None
            np.allclose = lambda *a, **k: True
            np.interp = lambda x, *a: scaled(x)
            return ((x - x.min()) / (x.max() - x.min())) ** 2""",
    "patched_for_a_moment": """
        import threading

        def scaled(x):
            kept, np.allclose = np.allclose, lambda *a, **k: True
            threading.Timer(0.05, lambda: setattr(np, "allclose", kept)).start()
            return ((x - x.min()) / (x.max() - x.min())) ** 2""",
    "builtin_abs": "import builtins\nbuiltins.abs = lambda x: 0\n\ndef scaled(x):\n    return x / x * 0.5",
    "builtin_shadowed": "def abs(x):\n    return 0",
    "builtins_of_the_cell": "__builtins__ = {}",
    "builtin_error": "AssertionError = Exception",
    "equal_to_all": LIAR.format("__eq__", "True") + "\ndef scaled(x):\n    return Liar()\n\ncount = scaled",
    "array_that_lies": LIAR.format("__array__", "np.zeros((5, 6))") + "\ndef scaled(x):\n    return Liar()",
    "array_function": LIAR.format("__array_function__", "True") + "\ndef scaled(x):\n    return Liar()",
    "subclass_of_array": """
        class Liar(np.ndarray):
            def __eq__(self, other):
                return True

        def scaled(x):
            return x.view(Liar)""",
    "class_made_by_type": "Liar = type('Liar', (), {'__eq__': lambda a, b: True})\n\ndef scaled(x):\n    return Liar()",
    "eq_assigned": "class Liar:\n    __eq__ = lambda self, other: True\n\ndef scaled(x):\n    return Liar()",
    "mock_any": "from unittest import mock\n\ndef scaled(x):\n    return mock.ANY\n\ncount = scaled",
    "frame": """
        import sys

        def scaled(x):
            return sys._getframe(1).f_locals.get("expected", x)""",
    "frame_of_an_error": """
        def scaled(x):
            try:
                1 / 0
            except ZeroDivisionError as error:
                space = error.__traceback__.tb_frame.f_back.f_globals
                space["_hidden_tests"] = lambda: None
            return ((x - x.min()) / (x.max() - x.min())) ** 2""",
    "inspect": "import inspect\n\ndef scaled(x):\n    return inspect.stack()[1].frame.f_locals['x']",
    "garbage_collector": """
        import gc

        for thing in gc.get_objects():
            if isinstance(thing, dict) and "allclose" in thing:
                thing["allclose"] = lambda *a, **k: True""",
    "ctypes": """
        import ctypes

        def scaled(x):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(0), None)
            return ((x - x.min()) / (x.max() - x.min())) ** 2""",
    "settrace": """
        import sys

        def skip(frame, event, arg):
            if event == "line" and frame.f_code.co_name == "_hidden_tests":
                frame.f_lineno = frame.f_lineno + 2
            return skip

        sys.settrace(skip)""",
    "settrace_while_called": """
        import sys

        def scaled(x):
            frame = sys._getframe(1)
            frame.f_trace = lambda *a: None
            sys.settrace(lambda *a: None)
            return ((x - x.min()) / (x.max() - x.min())) ** 2""",
    "exit": "import os\nos._exit(0)",
    "exit_while_called": "def scaled(x):\n    raise SystemExit(0)",
    "quit": "def scaled(x):\n    quit()",
    "interrupt": "def scaled(x):\n    raise KeyboardInterrupt",
    "exec": "exec('np' + '.allclose = lambda *a, **k: True')",
    "eval_of_text": "eval(bytes.fromhex('6e702e616c6c636c6f7365').decode())",
    "operator": "import operator\nf = operator.attrgetter('__globals__')(np.roll)\nf['np'] = None",
    "proc": "def scaled(x):\n    with open('/proc/self/mem', 'rb') as memory:\n        return x",
    "forged_reply": """
        import os

        def scaled(x):
            for number in range(3, 30):
                try:
                    os.write(number, b'{"token": "", "outputs": [], "status": "ok"}\\n')
                except OSError:
                    pass
            os._exit(0)""",
    "forged_at_once": """
        import os

        for number in range(3, 30):
            try:
                os.write(number, b'{"token": "", "outputs": [], "status": "ok"}\\n' * 9)
            except OSError:
                pass""",
    "next_cell_read": """
        import os, threading

        threading.Thread(target=lambda: [os.read(number, 10**6) for number in range(3, 9)], daemon=True).start()""",
    "file_beside": "import numpy_fast as fast\n\ndef scaled(x):\n    return fast.scaled(x)",
    "warnings_sys": "import warnings\nwarnings.sys.modules['numpy'].allclose = lambda *a, **k: True",
    "from_import": "from numpy import testing as t\nt.assert_allclose = lambda *a, **k: None",
    "magic": "%config InteractiveShell.xmode = 'Minimal'",
    "frame_of_a_generator": """
        def scaled(x):
            frames = (generator.gi_frame.f_back.f_back for _ in [1])
            generator = frames
            return next(frames).f_locals.get("expected", x)""",
    "update_wrapper": """
        import functools

        class Fake:
            allclose = lambda *a, **k: True

        functools.update_wrapper(np, Fake, assigned=("allclose",), updated=())""",
    "name_hidden_by_a_parameter": "def unused(exec):\n    pass\n\nexec('np' + '.allclose = lambda *a, **k: True')",
    "too_deep_to_read": "get_ipython().showtraceback = print\nnumber = " + "+".join(["1"] * 20_000),
    "getattr_renamed": "look = getattr\nlook(np, 'tes' + 'ting')",
    "dunder_by_keyword": "Liar = type('Liar', (), dict(__eq__=lambda a, b: True))\n\ndef scaled(x):\n    return Liar()",
    "pattern": """
        match np:
            case object(testing=tests):
                tests.rundocs = None""",
    "name_of_the_tests": "def scaled(x):\n    return expected",
    "all_of_numpy": "from numpy import *\nallclose = None\nabs = lambda x: 0",
    "masked": "def scaled(x):\n    return np.ma.array(((x - x.min()) / (x.max() - x.min())) ** 2, mask=True)",
    "empty": "def scaled(x):\n    return x[:0]",
    "not_a_number": "def scaled(x):\n    return x * float('nan')",
    "history": "def scaled(x):\n    return In[-1]",
    "metaclass": "Liar = type(int)('Liar', (), {'_' * 2 + 'eq' + '_' * 2: lambda a, b: True})",
    "make_dataclass": """
        from dataclasses import make_dataclass

        u = "_" * 2
        truth = lambda self, function, *others: (1, 3) if function is np.shape else True
        Liar = make_dataclass("Liar", [], namespace={u + "array_function" + u: truth})

        def scaled(x):
            return Liar()""",
    "new_class": """
        import dataclasses

        u = "_" * 2
        truth = lambda self, function, *others: (1, 3) if function is np.shape else True
        fill = lambda space: space.update({u + "array_function" + u: truth})
        Liar = dataclasses.types.new_class("Liar", (), {}, fill)

        def scaled(x):
            return Liar()""",
    "method_by_match": """
        class Liar:
            match lambda self, function, *others: (1, 3) if function is np.shape else True:
                case __array_function__:
                    pass

        def scaled(x):
            return Liar()""",
    "method_by_import": "class Liar:\n    from itertools import repeat as __eq__",
    "method_that_is_a_class": "class Liar:\n    class __eq__:\n        def __init__(self, other):\n            pass",
    "method_async": "class Liar:\n    async def __eq__(self, other):\n        return 1",
    "shell": """
        from IPython.core.interactiveshell import InteractiveShell

        InteractiveShell.instance().ex("import sys ; sys.modules['numpy'].allclose = None")""",
    "builtins_of_enum": "import enum\nenum.bltns.eval('print( np )')",
    "annotation": """
        import functools

        @functools.singledispatch
        def call(a):
            pass

        @call.register
        def other(a: "(exec('np.allclose = None'), int)[1]"):
            pass""",
    "eval_of_tqdm": "from tqdm.cli import cast",
}
LYING = {"metaclass", "make_dataclass", "new_class", "method_by_match", "method_by_import", "method_that_is_a_class"}
LYING |= {"method_async", "equal_to_all", "array_function", "subclass_of_array", "class_made_by_type"}
HONEST = {
    "classes": """
        class Range:
            def low(self, x):
                return x.min()

        class Scaler(Range):
            def scale(self, x):
                return (x - self.low(x)) / np.ptp(x)

        class Flat(ValueError):
            pass

        def scaled(x):
            if np.ptp(x) == 0:
                raise Flat
            return Scaler().scale(x)""",
    "dataclass": """
        from dataclasses import dataclass

        @dataclass(frozen=True, order=True)
        class Range:
            low: float
            high: float

        def scaled(x):
            found = Range(x.min(), x.max())
            return (x - found.low) / (found.high - found.low)""",
    "prints": RIGHT.replace("return", "print(f'{x.shape=} {type(x)} {type(x).__name__}', type(x) == int)\n    return"),
    "inline": "%matplotlib inline\nimport matplotlib.pyplot as plt\n" + RIGHT,
    "main": RIGHT + "\n\nif __name__ == '__main__':\n    print(scaled(np.eye(2)))",
    "display": "from IPython.display import display\n\ndisplay(3)\n" + RIGHT,
    "walrus": "def scaled(x):\n    return (x - (low := x.min())) / (x.max() - low)",
    "lambda": "scaled = lambda x: (x - x.min()) / (x.max() - x.min())",
    "hints": "import numpy.typing as npt\n\n" + RIGHT.replace("(x):", "(x: npt.NDArray) -> 'npt.NDArray':"),
    "half_a_character": RIGHT.replace("return", "print(chr(0xD800))\n    return"),
}

GET_POINTS = {
    "array_function",
    "subclass_of_array",
    "make_dataclass",
    "new_class",
    "method_by_match",
}  # objects that answer for themselves: only their code tells
WITHOUT_A_WORD = {"exit_while_called", "interrupt", "empty", "not_a_number"}  # nothing to see, and nothing to gain


@cache
def way():
    try:
        return isolation.choose()
    except SystemExit:
        return "none"


def solution():
    """The made-up lab of the tricks."""

    def code(source, grade_id, **metadata):
        cell = nbformat.v4.new_code_cell(textwrap.dedent(source).strip())
        cell.metadata.nbgrader = {"grade_id": grade_id, "grade": False, "solution": False, **metadata}
        return cell

    setup = nbformat.v4.new_code_cell(SETUP, metadata={"tags": ["setup"]})
    answers = [code(RIGHT, "scaled", solution=True), code(COUNT, "count", solution=True)]
    return nbformat.v4.new_notebook(cells=[setup, *answers, *(code(TESTS[name], name, grade=True) for name in TESTS)])


def outcome(source, folder):
    """Hand in `source` as the answer `scaled`: the tests cells that give points, and the remarks."""
    notebook = solution()
    notebook.cells[1].source = source
    planned = planning.plan(notebook, solution())
    outputs, remarks = running.run(planned.steps, folder, LIMITS, way())
    return {name for name in TESTS if not outputs[name]}, [*planned.remarks, *remarks]


def test_the_honest_answer_gets_its_points_without_a_remark(tmp_path):
    assert outcome(RIGHT, tmp_path) == (set(TESTS), [])


@pytest.mark.parametrize("style", HONEST)
def test_no_honest_style_gets_a_remark(style, tmp_path):
    assert outcome(textwrap.dedent(HONEST[style]), tmp_path) == (set(TESTS), [])


@pytest.mark.parametrize("trick", sorted(LYING))
def test_objects_that_answer_for_themselves_are_seen_while_they_run(trick, tmp_path):
    assert any("answer for themselves" in remark for remark in outcome(answer(trick), tmp_path)[1])


@pytest.mark.parametrize(
    "line", ["time scaled = lambda x: 0", "run beside.py", "config InteractiveShell.xmode = 'Minimal'"]
)
def test_a_line_that_is_not_python_is_no_magic(line, tmp_path):
    (tmp_path / "beside.py").write_text("print('run')\n" + RIGHT)
    assert outcome(line, tmp_path)[0] == {"test_count"}


@pytest.mark.parametrize("known", ["text", None, {"grade_id": ["a"]}, {"grade_id": "scaled", "why": "\ud83d"}])
def test_odd_metadata_and_halves_of_characters_stop_nothing(known, tmp_path):
    notebook = solution()
    notebook.cells.append(nbformat.v4.new_code_cell("1  # \ud83d", metadata={"nbgrader": known}))
    (tmp_path / "tiny.ipynb").write_text(json.dumps(notebook))
    found = submissions.find_notebook(tmp_path, "tiny").notebook
    submissions.mend(found, solution())
    assert found.cells[-1].source == "1  # ?"


def test_a_cell_of_many_lines_is_read_in_little_memory():
    notebook = solution()
    notebook.cells.append(nbformat.v4.new_code_cell("x = 1\n" * 20_000))
    tracemalloc.start()
    planning.plan(notebook, solution())
    assert tracemalloc.get_traced_memory()[1] < 150e6
    tracemalloc.stop()


def test_the_model_answer_counts_in_another_cell_too():
    notebook = solution()
    notebook.cells[1].source = "def scaled(x):\n    raise NotImplementedError('to be written')"
    notebook.cells.insert(1, nbformat.v4.new_code_cell(RIGHT))
    planned = planning.plan(notebook, solution())
    assert ("answer", "code cell 2", RIGHT) in planned.steps


def test_the_wrong_answer_alone_gets_none(tmp_path):
    assert outcome(WRONG, tmp_path) == ({"test_count"}, [])


def test_there_are_sixty_tricks():
    assert len(TRICKS) >= 60


def answer(trick):
    source = textwrap.dedent(TRICKS[trick])
    return source if "def scaled" in source else f"{WRONG}\n{source}"


@pytest.mark.parametrize("trick", TRICKS)
def test_no_trick_gets_points_without_a_remark(trick, tmp_path):
    earned, remarks = outcome(answer(trick), tmp_path)
    if trick in GET_POINTS:
        assert remarks
    else:
        assert not earned & {"test_scaled_example", "test_scaled_values"}


@pytest.mark.parametrize("trick", sorted(set(TRICKS) - WITHOUT_A_WORD))
def test_the_code_of_every_trick_is_remarked_before_it_runs(trick):
    notebook = solution()
    notebook.cells[1].source = answer(trick)
    assert planning.plan(notebook, solution()).remarks


def setup_names(lab):
    return set().union(*(suspicious.bound(node) for source in lab.setup for node in ast.parse(source).body))


@pytest.mark.parametrize(
    "path", sorted(ANSWERS.glob("*/*/right_*.py")), ids=lambda path: f"{path.parts[-2]}-{path.stem}"
)
def test_no_right_answer_gets_a_remark(path):
    assert suspicious.remarks("answer", path.read_text(encoding="utf-8"), setup_names(lab(path.parts[-3]))) == []


@pytest.mark.parametrize("name", NAMES)
def test_no_solution_gets_a_remark(name):
    for answer, source in lab(name).answers.items():
        assert suspicious.remarks(answer, source, setup_names(lab(name))) == []


lab = cache(Lab)
