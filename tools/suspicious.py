"""What no answer needs: the lines of a student's code that a teacher should look at before giving the points.

A student's code and the tests share one Python, so a program that wants to can always fool the tests. It then says
words that an honest answer has no use for. This finds them; it forbids nothing.
"""

import ast
import builtins

from IPython.core.inputtransformer2 import TransformerManager
from parsing import parse


def _words(text):
    return set(text.split())


LIBRARIES = _words(
    """
    __future__ collections copy cv2 dataclasses enum fractions functools heapq itertools keras math matplotlib numpy
    operator PIL random scipy skimage statistics tensorflow time tp_visualisation tqdm typing warnings
    """
)
NAMES = _words(
    """
    __import__ breakpoint compile delattr dir eval exec exit get_ipython getattr globals help In input locals
    memoryview object open Out quit setattr type vars
    """
)
ATTRIBUTES = _words(
    """
    ABCMeta ag_frame as_strided atexit attrgetter bltns builtins cli co_consts CodeType concurrent cr_frame ctypes
    ctypeslib dump EnumMeta EnumType eval exec exec_file_wrapper f2py f_back f_builtins f_code f_globals f_lineno
    f_locals f_trace fromfile FunctionType gc genfromtxt get_ipython get_type_hints getattr gi_code gi_frame
    global_enum globals importlib inspect interactiveshell InteractiveShell io linecache load load_config_py3
    load_library load_model load_op_library load_weights loadtxt logging make_dataclass masked masked_all memmap
    methodcaller modules mro multiprocessing NamedTupleMeta new_class numpy_function os pathlib pickle py_function
    register save savetxt set_weights setattr setflags shutil socket subprocess sys tb_frame tb_next testing threading
    tofile traceback types update_wrapper vars
    """
)
FROM = {"IPython": "IPython.display"}  # of these, only this module, and only its members
HARMLESS = {"dir", "help", "input", "object"}  # a student's own variable may be called so
WEIGHTS = {"weights", "variables", "trainable_weights", "trainable_variables", "kernel", "bias"}
SAFE_METHODS = {"__init__", "__call__", "__repr__", "__str__", "__enter__", "__exit__", "__post_init__"}
SHOWS = {"isinstance", "issubclass", "print", "repr", "str"}  # what may be done with type(x): it makes no class
MAGIC = "get_ipython().run_line_magic('matplotlib', 'inline')"
EXCEPTIONS = {"Exception", "RuntimeError", "TypeError", "ValueError"}
USUAL = {"__name__", "__doc__"}
INSIDE = ("/proc", "/dev/", "__", "hidden_tests")
SHOWN = 4
DEFINES = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
NAMING = DEFINES | ast.MatchAs | ast.MatchStar | ast.ExceptHandler


def remarks(name, source, taken):
    """Return at most one remark on a cell.

    Args:
        name: what the remark calls the cell.
        source: its code.
        taken: names that the tests rest on, from the lab's setup cells.
    """
    found = sorted(set(_found(source, taken)))
    if not found:
        return []
    words = ", ".join(f"line {line} ({what})" for line, what in found[:SHOWN])
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return [f"look at {name}: {words}{more}: no answer needs that"]


def _found(source, taken):
    """Yield (line, what) for everything that no answer needs."""
    try:
        tree = parse(TransformerManager().transform_cell(source))
    except SyntaxError:
        return  # it does not run either
    except (ValueError, RecursionError, MemoryError):
        yield 1, "too deep to be read"
        return
    own = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    own |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    if any(isinstance(node, ast.Attribute) and node.attr in WEIGHTS for node in ast.walk(tree)):
        assigns = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr[:6] == "assign"]
        yield from ((node.lineno, f".{node.attr}") for node in assigns)
    names = list(_named(tree))
    harmless = {*_harmless_nodes(tree, names), *_usual_classes(tree, names)}
    for node in ast.walk(tree):
        for what in _of_node(node, own, taken) if id(node) not in harmless else ():
            yield getattr(node, "lineno", 1), what
    for statement in tree.body:
        for name in sorted(bound(statement) & (taken | set(dir(builtins)))):
            if not isinstance(statement, ast.Import | ast.ImportFrom):
                yield statement.lineno, f"takes the name {name}"


def _of_node(node, own, taken):
    """Yield what one node of the syntax tree has that no answer needs."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or "."]
        modules += [f"{node.module}.{alias.name}" for alias in node.names] if isinstance(node, ast.ImportFrom) else []
        for module in modules:
            parts = module.split(".")
            shown = isinstance(node, ast.ImportFrom) and node.module == FROM.get(parts[0])
            known = parts[0] in LIBRARIES or shown
            if not known or any(_private(part) or part in ATTRIBUTES | NAMES for part in parts[1:]):
                yield f"import {module}"
        for alias in node.names:
            if (alias.asname or "").startswith("__"):
                yield alias.asname
            if (alias.asname or "") in taken and not _usual(alias):
                yield f"takes the name {alias.asname}"
    elif isinstance(node, ast.Name):
        private = node.id[:2] == "__" or (_private(node.id) and node.id not in own)
        if node.id in NAMES - (own & HARMLESS) or (private and not _loaded(node, node.id)):
            yield node.id
    elif isinstance(node, ast.Attribute):
        if (_private(node.attr) and not _loaded(node, node.attr)) or node.attr in ATTRIBUTES:
            yield f".{node.attr}"
        if not isinstance(node.ctx, ast.Load) and not (isinstance(node.value, ast.Name) and node.value.id == "self"):
            yield f"changes .{node.attr}"
    elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
        root = node
        while isinstance(root, ast.Attribute | ast.Subscript):
            root = root.value
        if isinstance(root, ast.Name) and root.id in taken - own:
            yield f"changes {root.id}"
    elif isinstance(node, NAMING) and (node.name or "").startswith("__") and node.name not in SAFE_METHODS:
        yield node.name
    elif isinstance(node, ast.ClassDef) and (node.bases or node.keywords):
        yield f"class {node.name} of another"
    elif isinstance(node, ast.keyword) and (_private(node.arg or "") or node.arg in ("assigned", "updated", "mask")):
        yield f"{node.arg}="
    elif isinstance(node, ast.MatchClass):
        yield from (f"case with {name}" for name in node.kwd_attrs if _private(name) or name in ATTRIBUTES)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
        if len(text) < 200 and text != "__main__" and any(word in text for word in INSIDE) and " " not in text.strip():
            yield f"the text {text[:30]!r}"
    elif isinstance(node, ast.Global) and set(node.names) & taken:
        yield f"global {', '.join(node.names)}"


def _private(name):
    return name.startswith("_") and name.strip("_") != ""


def _loaded(node, name):
    return name in USUAL and isinstance(node.ctx, ast.Load)


def _named(tree):
    """Yield every name that is given a value anywhere, as often as it is."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, NAMING) and node.name:
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]


def _usual_classes(tree, names):
    """Yield the ids of the classes that are exceptions, or made of classes of the cell that nothing else is called."""
    usual = EXCEPTIONS - {*names}
    for node in tree.body if "*" not in names else []:
        bases = node.bases if isinstance(node, ast.ClassDef) and not node.keywords and node.name[:2] != "__" else [node]
        if all(isinstance(base, ast.Name) and base.id in usual for base in bases):
            yield id(node)
            usual |= {node.name} if names.count(node.name) == 1 else set()


def _harmless_nodes(tree, names):
    """Yield the ids of the names `type` and `getattr` in calls that show or compare, and of %matplotlib inline.

    type(x) may be compared, shown or asked for its name; called, it could make a class out of nothing.
    """
    for node in ast.walk(tree):
        inside = list(ast.iter_child_nodes(node)) if isinstance(node, ast.Compare | ast.FormattedValue) else []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            inside = node.args if node.func.id in SHOWS - {*names} else []
            name = node.args[1] if node.func.id == "getattr" and len(node.args) > 1 else None
            if isinstance(name, ast.Constant) and not (_private(str(name.value)) or name.value in ATTRIBUTES):
                yield id(node.func)
        elif isinstance(node, ast.Attribute) and _loaded(node, node.attr):
            inside = [node.value]
        elif isinstance(node, ast.Call) and ast.unparse(node) == MAGIC:
            yield id(node.func.value.func)
        for call in inside:
            is_type = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "type"
            if is_type and len(call.args) == 1 and not call.keywords:
                yield id(call.func)


def _usual(alias):
    usual = {"numpy": "np", "tensorflow": "tf", "tp_visualisation": "tpv"}
    return usual.get(alias.name) == alias.asname or alias.name.rpartition(".")[2] == alias.asname


def bound(statement):
    """Return the names that a statement at the top of a cell gives a value to."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).partition(".")[0] for alias in statement.names}
    nodes = list(ast.walk(statement))
    inside = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return inside | {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
