"""Write a file whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
    """Yield a temporary path beside `path`; on success it takes the place of `path`, on any error it goes.

    `path` is checked first, with the errors of `check_parent`.
    """
    path = check_parent(path)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    try:
        yield Path(temporary)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)  # mkstemp gives 0600
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
