"""What tells one function from another, so that rows belong to the code that made them.

A function of this package, or of one that is installed, is known by its name. One of the user's is known by its code,
its defaults, what it closes over and the names of its module that it uses; a number, a text or an array by its value.
What cannot be told apart that way, an open file or a network, is refused.
"""

import dis
import enum
import functools
import hashlib
import sys
import types
from pathlib import Path

import numpy as np

from tp_visualisation.classifier import Classifier
from tp_visualisation.engines import weights_digest

_PLAIN = (type(None), int, float, complex, str, bytes, bytearray, range, slice, type(...), enum.Enum, Path)
_CONTAINERS = (tuple, list, dict, types.MappingProxyType, set, frozenset)
_MERGED = (tuple, frozenset, types.CodeType)  # of two equal ones Python may make one
_OF_C = (types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType, np.ufunc)
_ADDED = {"__dict__", "__weakref__", "__module__", "__doc__", "__firstlineno__", "__static_attributes__"}
_INSTALLED = {"site-packages", "dist-packages"}
_OWN = __name__.partition(".")[0]
_DIGITS = 16


def identify(thing: object, what: str) -> str:
    """Return a text that is another one for another function or value, and the same in another process.

    Args:
        thing: function, partial, bound method, value, or containers of these. An object with an attribute
            `identity`, a text, is known by its type and this text.
        what: what it is, for the message: 'the method "mine"'.

    Raises:
        ValueError: it holds something that cannot be told apart.
    """
    try:
        known = _known(thing, {})
        named = thing.func if isinstance(thing, functools.partial) else thing
        name = getattr(named, "__qualname__", type(named).__qualname__)
        return known if len(known) <= 80 and known.isprintable() else f"{name} {digest_of(known)}"
    except _Unknown as error:
        held = "" if error.args[0] is thing else f" holds {type(error.args[0]).__name__} {error.args[0]!r:.60}, which"
        raise ValueError(
            f"{what}{held} cannot be told from another one, and rows in a file belong to the code that made them: use "
            "numbers, texts, arrays and functions only, give it an attribute `identity`, a text that you change with "
            "it, or leave out the output."
        ) from None
    except RecursionError:
        raise ValueError(f"{what} is nested too deeply to be told from another one: leave out the output.") from None


def digest_of(text: str) -> str:
    """Return a short digest of a text, whatever characters it has."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


class _Unknown(Exception):
    """What cannot be told apart."""


def _known(thing, seen):
    """The text for a thing; `seen` are the objects met so far, by id, so that circles end."""
    if isinstance(thing, np.generic):
        return f"{type(thing).__name__} {thing!r}"  # NumPy 1 writes 0.1 for np.float32(0.1)
    if isinstance(thing, _PLAIN):
        return repr(thing)
    if id(thing) in seen:
        return f"<{seen[id(thing)][0]}>"
    if not isinstance(thing, _MERGED):
        seen[id(thing)] = len(seen), thing  # kept, so that no other object gets its id

    def known(*parts):
        return f"({', '.join(_known(part, seen) for part in parts)})"

    name, kind = getattr(thing, "__qualname__", ""), type(thing).__qualname__
    if isinstance(getattr(thing, "identity", None), str):
        return f"{name or kind}{known(thing.identity)}"
    if isinstance(thing, _CONTAINERS):
        items = [part for item in thing.items() for part in item] if hasattr(thing, "items") else list(thing)
        if isinstance(thing, (set, frozenset)):
            items = sorted(_known(item, dict(seen)) for item in items)
        return kind + known(*items, *(() if _is_installed(type(thing)) else (type(thing), _state(thing))))
    if isinstance(thing, np.ndarray) or (hasattr(thing, "numpy") and hasattr(thing, "dtype")):
        return _known_array(thing, known)
    if isinstance(thing, functools.partial):
        return f"partial{known(thing.func, thing.args, dict(sorted(thing.keywords.items())))}"
    owner = getattr(thing, "__self__", None)
    if isinstance(thing, (types.MethodType, *_OF_C)) and not isinstance(owner, (type(None), types.ModuleType)):
        return f"{name}{known(owner, getattr(thing, '__func__', None))}"
    if isinstance(thing, types.ModuleType):
        return thing.__name__
    if isinstance(thing, _OF_C) or _is_installed(thing):
        return f"{getattr(thing, '__module__', None)}.{name or repr(thing)}"
    if isinstance(thing, types.FunctionType):
        return name + _known_function(thing, known)
    if isinstance(thing, types.CodeType):
        n_arguments = thing.co_argcount + thing.co_kwonlyargcount
        code = thing.co_code, getattr(thing, "co_exceptiontable", b""), thing.co_names, thing.co_freevars
        return f"code{known(*code, thing.co_varnames[:n_arguments], *thing.co_consts)}"
    if isinstance(thing, (staticmethod, classmethod, property)):
        return kind + known(getattr(thing, "__func__", None), getattr(thing, "fget", None))
    if isinstance(thing, Classifier):
        return f"{thing.name}{known(weights_digest(thing.model), thing.preprocess)}"
    if callable(getattr(thing, "__wrapped__", None)):  # tf.function, functools.lru_cache
        return kind + known(thing.__wrapped__)
    if isinstance(thing, type):
        return name + known(thing.__bases__, _state(thing))
    if not _is_installed(type(thing)) and hasattr(thing, "__dict__"):
        return f"object{known(type(thing), _state(thing))}"
    raise _Unknown(thing)


def _known_function(function, known):
    """Its code, its options, what it closes over, and what it uses of its module and of the user's other modules."""
    cells = []
    for cell in function.__closure__ or ():
        try:
            cells.append(cell.cell_contents)
        except ValueError:  # not filled yet
            cells.append("empty")
    used = {}
    if not _is_installed(sys.modules.get(function.__module__)):
        names, attributes = _names(function.__code__)
        used = {name: function.__globals__[name] for name in sorted(names & function.__globals__.keys())}
        for name, module in list(used.items()):
            if isinstance(module, types.ModuleType) and not _is_installed(module):
                used.update({f"{name}.{part}": vars(module)[part] for part in sorted(attributes & vars(module).keys())})
    return known(function.__code__, function.__defaults__, function.__kwdefaults__, cells, used)


def _known_array(thing, known):
    if isinstance(thing, np.ma.MaskedArray):
        raise _Unknown(thing)
    array = np.ascontiguousarray(thing.numpy() if hasattr(thing, "numpy") else thing)
    if array.dtype.hasobject:
        return f"array{array.shape}{known(array.ravel().tolist())}"
    return f"array{array.shape} {array.dtype.str} {hashlib.sha256(array.tobytes()).hexdigest()}"


def _names(code):
    """The names that code, and the code inside it, looks up in its module, and all names in it."""
    names = {step.argval for step in dis.get_instructions(code) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    attributes = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            inside = _names(constant)
            names, attributes = names | inside[0], attributes | inside[1]
    return names, attributes


def _state(thing):
    """What an object or a class holds, without what Python adds."""
    if any(vars(kind).get("__slots__") for kind in type(thing).__mro__ if not _is_installed(kind)):
        raise _Unknown(thing)
    return {name: value for name, value in sorted(getattr(thing, "__dict__", {}).items()) if name not in _ADDED}


def _is_installed(thing):
    """Whether a function, class or module is known by its name: of this package, of Python or of an installed one."""
    if not isinstance(thing, (types.FunctionType, type, types.ModuleType)) or "<" in getattr(thing, "__qualname__", ""):
        return False
    name = str(thing.__name__ if isinstance(thing, types.ModuleType) else thing.__module__)
    if name.partition(".")[0] in {_OWN, *sys.stdlib_module_names} - {"__main__"}:
        return True
    return not _INSTALLED.isdisjoint(Path(getattr(sys.modules.get(name), "__file__", None) or "").parts)
