"""Write a file whole or not at all; keep one to oneself."""

import errno
import os
import secrets
import sys
import warnings
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

if sys.platform == "win32":
    import msvcrt

    def _lock(file):
        file.seek(_FAR)  # nobody else may read a locked byte: one behind the end
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)
else:
    import fcntl

    def _lock(file):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


_FAR = 1 << 30
_HELD_BY_ANOTHER = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
_held: "weakref.WeakSet[BinaryIO]" = weakref.WeakSet()  # what this process holds


def _let_go():
    """A forked process does not keep what its parent holds: the parent may be killed and started again."""
    for file in list(_held):
        file.close()
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)


def open_alone(path: str | os.PathLike) -> BinaryIO:
    """Return the file `path`, made if it is not there, open to read and append, held by nobody else until it is closed.

    The system closes it when its process ends, whatever ends it, so that no lock is ever left behind. Where the file
    system cannot lock, a warning says so.

    Raises:
        BlockingIOError: another process or thread holds it.
    """
    file = open(os.path.abspath(path), "a+b")  # noqa: SIM115
    try:
        _lock(file)
    except OSError as error:
        if error.errno in _HELD_BY_ANOTHER:
            file.close()
            raise BlockingIOError(error.errno, "another process holds it", str(path)) from None
        warnings.warn(
            f'"{path}" cannot be locked on this file system ({error.strerror}): see that only one process writes it.',
            stacklevel=2,
        )
    _held.add(file)
    return file


def check_in_place(file: BinaryIO) -> None:
    """Raise a FileNotFoundError where an open file is no longer what its name leads to: removed, moved or replaced."""
    try:
        in_place = os.path.samestat(os.fstat(file.fileno()), os.stat(file.name))
    except FileNotFoundError:
        in_place = False
    if not in_place:
        raise FileNotFoundError(f'"{file.name}" was removed or replaced while it was in use: start again.')


def check_parent(path: str | os.PathLike) -> Path:
    """Return `path`, of a file to write, as a `Path`.

    Raises:
        FileNotFoundError: its folder does not exist.
        IsADirectoryError: it is a folder.
        PermissionError: its folder may not be written into.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f'the folder "{path.parent}" does not exist: create it first.')
    if path.is_dir():
        raise IsADirectoryError(f'"{path}" is a folder: name a file in it.')
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(f'nothing can be written into the folder "{path.parent}": name another one.')
    return path


@contextmanager
def replacing(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a path beside `path` for a new file; on success that takes the place of `path`, on any error it goes.

    `path` is checked first, with the errors of `check_parent`.
    """
    path = check_parent(path)
    temporary = path.with_name(f".{path.stem}-{secrets.token_hex(4)}{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
