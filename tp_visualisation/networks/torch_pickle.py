"""The pickles of a PyTorch weights file, read by a machine of 25 instructions that knows only what a state dict needs.

Python's own unpickler would call functions, change objects, hash nests of tuples for ever and reserve memory for
numbers that a few bytes claim. Here a name stands for itself, a tensor is a description, keys are texts, and every
instruction puts at most one small object on the stack. https://docs.python.org/3/library/pickletools.html
"""

import pickletools
from collections.abc import Iterator
from io import BytesIO
from typing import Any, NamedTuple

LARGEST_LONG = 16  # bytes: the magic number has 10
NAMES = ("collections OrderedDict", "torch._utils _rebuild_tensor_v2", "torch FloatStorage", "torch LongStorage")
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
VALUES = ("BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE")  # they carry what they put on the stack
TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
IGNORED = ("PROTO", "FRAME")


class Storage(NamedTuple):
    """Where a tensor's numbers are: "FloatStorage" or "LongStorage", and its key."""

    kind: str
    key: str


class Tensor(NamedTuple):
    """A tensor as the file describes it; sizes in numbers, not bytes. Nothing in it has been checked."""

    storage: Storage
    offset: int
    shape: tuple
    strides: tuple


class _Name(NamedTuple):
    """One of `NAMES`: nothing that can be called."""

    name: str


def read_pickle(stream: BytesIO) -> Any:
    """Return what the next pickle in `stream` describes: texts, numbers, lists, tuples, dicts and `Tensor`s.

    Raises:
        ValueError: it is damaged, or asks for anything that a state dict has no need of.
    """
    try:
        return _run(pickletools.genops(stream))
    except (IndexError, KeyError, TypeError, AttributeError, OverflowError, MemoryError) as error:
        raise ValueError(
            "its pickle is damaged."
        ) from error  # an empty stack, nothing kept there, no list to append to


def _run(instructions: Iterator) -> Any:
    stack: list = []
    marks: list = []  # stacks that wait until what follows the mark is complete
    kept: dict = {}
    for opcode, argument, _ in instructions:
        name = opcode.name
        if name in VALUES:
            if name == "LONG1" and argument.bit_length() > 8 * LARGEST_LONG:
                raise ValueError("it holds a number that is too long.")
            stack.append(argument)
        elif name in CONSTANTS:
            stack.append(CONSTANTS[name])
        elif name in ("BINPUT", "LONG_BINPUT"):
            kept[argument] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(kept[argument])
        elif name == "MARK":
            marks.append(stack)
            stack = []
        elif name in ("TUPLE", "APPENDS", "SETITEMS"):
            items, stack = stack, marks.pop()
            _MARKED[name](stack, items)
        elif name in TUPLES:
            items = [stack.pop() for _ in range(TUPLES[name])]
            stack.append(tuple(reversed(items)))
        elif name == "EMPTY_LIST":
            stack.append([])
        elif name == "EMPTY_DICT":
            stack.append({})
        elif name == "APPEND":
            _append(stack, [stack.pop()])
        elif name == "SETITEM":
            value, key = stack.pop(), stack.pop()
            _set_items(stack, [key, value])
        elif name == "GLOBAL":
            if argument not in NAMES:
                raise ValueError(f'a weights file may not use "{argument.replace(" ", "."):.80}".')
            stack.append(_Name(argument))
        elif name == "REDUCE":
            arguments, function = stack.pop(), stack.pop()
            stack.append(_made(function, arguments))
        elif name == "BINPERSID":
            stack.append(_storage(stack.pop()))
        elif name == "BUILD":  # the versions of the layers: a dict that we have no need of
            if not isinstance(stack.pop(), dict) or not isinstance(stack[-1], dict):
                raise ValueError("it changes something else than a dict.")
        elif name == "STOP":
            (value,) = stack
            return value
        elif name not in IGNORED:
            raise ValueError(f"a weights file may not use the instruction {name}.")
    raise ValueError("its pickle has no end.")


def _append(stack, items):
    if not isinstance(stack[-1], list):
        raise ValueError("it appends to something else than a list.")
    stack[-1].extend(items)


def _set_items(stack, items):
    keys = items[::2]
    if not isinstance(stack[-1], dict) or not all(type(key) in (str, int) for key in keys):
        raise ValueError("it has a key that is no text.")  # a nest of tuples would be hashed for ever
    stack[-1].update(zip(keys, items[1::2], strict=True))


_MARKED = {"TUPLE": lambda stack, items: stack.append(tuple(items)), "APPENDS": _append, "SETITEMS": _set_items}


def _made(function, arguments):
    """What a call stands for: an empty dict, or the description of a tensor."""
    if function == _Name("collections OrderedDict") and arguments == ():
        return {}
    if function == _Name("torch._utils _rebuild_tensor_v2") and isinstance(arguments, tuple):
        storage, offset, shape, strides, *_ = arguments
        if isinstance(storage, Storage):
            return Tensor(storage, offset, shape, strides)
    raise ValueError("it calls something that makes no tensor.")


def _storage(description):
    """The `Storage` that ("storage", name, key, place, size, ...) means."""
    if isinstance(description, tuple) and len(description) > 2:
        _, kind, key, *_ = description
        if isinstance(kind, _Name) and kind.name.endswith("Storage") and type(key) is str:
            return Storage(kind.name.split()[1], key)
    raise ValueError("it describes a storage that is none.")
