"""Do the tests still bite? The libraries are compared with what they were before the student's code, and put back."""

import builtins
import sys
import types

WATCHED = ("numpy", "tp_visualisation", "keras", "scipy", "cv2", "math", "tensorflow")
SHALLOW = {"tensorflow", "scipy", "keras"}  # thousands of modules: those that a program names, not those behind them
PLAIN = (int, float, str, bytes, tuple, frozenset, types.ModuleType, type)
INSIDE = ("__func__", "__wrapped__", "_implementation", "fget")  # where other objects keep a function
NUMPY = "import numpy as numpy_again\n"
HARMLESS = {"__init__", "__call__", "__repr__", "__str__", "__enter__", "__exit__", "__post_init__"}
MUST_FAIL = ["assert False", "raise AssertionError", "assert 1 == 2", "assert not [0]"]
MUST_FAIL_WITH_NUMPY = [
    "numpy_again.testing.assert_allclose([0.0, 1.0], [0.0, 2.0])",
    "numpy_again.testing.assert_array_equal([0, 1], [0, 2])",
    "assert numpy_again.allclose([0.0, 1.0], [0.0, 2.0])",
    "assert numpy_again.isclose(0.0, 1.0)",
    "assert numpy_again.array_equal([0, 1], [0, 2])",
]


class Library:
    """What the tests rest on: Python's builtins, the libraries, and the names of the setup cells."""

    def __init__(self, space):
        self.space = space
        self.builtins = dict(vars(builtins))
        self.names = {name: value for name, value in space.items() if name[:1] != "_" and name not in ("In", "Out")}
        self.owners = {}  # id → (name, a module or class, {name: value})
        self.classes = dict(_classes())
        self.functions = {}  # id → (name, function, code, defaults, keyword defaults)
        if "numpy" in sys.modules:
            import numpy.testing  # noqa: F401
        if "tp_visualisation" in sys.modules:
            _load_everything(sys.modules["tp_visualisation"])
        for name, module in list(sys.modules.items()):
            top = name.partition(".")[0]
            if top in WATCHED and name.count(".") <= (1 if top in SHALLOW else 9):
                self._keep(name, module)

    def _keep(self, name, owner):
        """Note the members of a module or class, the code of its functions, and the classes that it defines."""
        if id(owner) in self.owners:
            return
        try:
            members = dict(vars(owner))
        except TypeError:
            return
        kept = {}
        self.owners[id(owner)] = (name, owner, kept)
        for key, value in members.items():
            if key[:2] == "__" and isinstance(owner, types.ModuleType):
                continue
            lazy = isinstance(value, types.ModuleType) and type(value) is not types.ModuleType
            if not lazy and (callable(value) or isinstance(value, (*PLAIN, property, staticmethod, classmethod))):
                kept[key] = value
            if callable(value) or isinstance(value, property):
                for function in (value, *(getattr(value, inside, None) for inside in INSIDE)):
                    if isinstance(function, types.FunctionType):
                        code = (function.__code__, function.__defaults__, function.__kwdefaults__)
                        self.functions[id(function)] = (f"{name}.{key}", function, code)
            if isinstance(value, type) and value.__flags__ & 1 << 9 and value.__module__.partition(".")[0] in WATCHED:
                self._keep(f"{name}.{key}", value)  # 1 << 9: made in Python, its members can be assigned

    def put_back(self):
        """Undo every change since; return the names of what was changed."""
        changed = []
        current = builtins.__dict__
        for name, value in self.builtins.items():  # first, and without any builtin: they may be the ones changed
            if name not in current or current[name] is not value:
                if name != "_":
                    changed.append(name)
                current[name] = value
        self.space["__builtins__"] = builtins
        for name, value in self.names.items():
            if self.space.get(name) is not value:
                changed.append(name)
                self.space[name] = value
        for name in [name for name in self.space if name in self.builtins and name[:2] != "__"]:
            if name not in self.names:
                changed += [name] if self.space[name] is not self.builtins[name] else []
                del self.space[name]
        for owner_name, owner, members in self.owners.values():
            current = vars(owner)
            for key, value in members.items():
                if current.get(key) is not value:
                    changed.append(f"{owner_name}.{key}")
                    setattr(owner, key, value)
        for name, function, (code, defaults, keywords) in self.functions.values():
            now = (function.__code__, function.__defaults__, function.__kwdefaults__)
            if now[0] is not code or now[1] is not defaults or now[2] is not keywords:
                changed.append(name)
                function.__code__, function.__defaults__, function.__kwdefaults__ = code, defaults, keywords
        return changed

    def lying(self):
        """Return the classes made since the last time whose objects say themselves what they equal, hold or are."""
        found = []
        for key, one in _classes():
            if self.classes.get(key) is not one:
                self.classes[key] = one
                for name, member in dict(vars(one)).items():
                    if name[:2] == name[-2:] == "__" and name not in HARMLESS and _answers_for_itself(one, member):
                        found.append(f"{type.__getattribute__(one, '__name__')}.{name}")
        return found


def _classes():
    """Yield (id, class) of every class that there is."""
    seen, todo = set(), [object]
    while todo:
        for one in type.__subclasses__(todo.pop()):
            if id(one) not in seen:
                seen.add(id(one))
                todo.append(one)
                yield id(one), one


def _answers_for_itself(one, member):
    """Tell whether a special method was written in a cell, or is a callable put in the place of one."""
    function = getattr(member, "__func__", member)
    if isinstance(function, types.FunctionType):
        return "ipython-input" in function.__code__.co_filename
    return callable(member) and vars(one).get("__module__") == "__main__"


def _load_everything(package):
    """Load what lazy_loader has not loaded yet: what is loaded later could not be compared."""
    for name in dir(package):
        member = getattr(package, name, None)
        if isinstance(member, types.ModuleType) and member.__name__.startswith(f"{package.__name__}."):
            _load_everything(member)


def blunt(space):
    """Return the tests that must fail and do not."""
    tests = list(MUST_FAIL)
    if "numpy" in sys.modules:
        tests += [NUMPY + test for test in MUST_FAIL_WITH_NUMPY]
    return [test.splitlines()[-1] for test in tests if not _fails(test, dict(space))]


def _fails(test, space):
    try:
        exec(compile(test, "<must fail>", "exec"), space)
    except AssertionError:
        return True
    except BaseException:
        return False
    return False
