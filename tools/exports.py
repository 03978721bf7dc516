"""What is in an export of a learning platform: a zip or a folder, with zips inside. Nothing is unpacked to the disk."""

import io
import os
import stat
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

BIG = 50_000_000  # bytes of one file
UNPACKED = 500_000_000  # bytes of a zip that a student has packed
MANY = 1000  # files in it
DEPTH = 2  # zips in a zip of the export


class Entry(NamedTuple):
    """One file of an export, and why it cannot be read if `problem` says so."""

    parts: tuple  # folders and name; a zip inside is a folder
    time: float = 0.0  # seconds since 1970, when it, or the zip around it, was handed in or last changed
    edited: float = 0.0  # its own
    read: Callable | None = None  # returns its bytes
    problem: str = ""


def entries(source):
    """Return every file of `source`, a zip or a folder, but hidden ones.

    Raises:
        OSError: `source` is neither.
    """
    if source.is_dir():
        found = _in_folder(source, ())
    elif source.is_file():
        found = _in_zip(_open(source), ())
    else:
        raise FileNotFoundError(f"there is no {source}: FROM is the zip, or the folder, that the platform gave you.")
    return [entry for outer in found for entry in _opened(outer, DEPTH)]


def _in_folder(folder, parts):
    for item in sorted(os.scandir(folder), key=lambda item: item.name):
        inside = (*parts, item.name)
        if item.name.startswith("."):
            continue
        if item.is_symlink():
            yield Entry(inside, problem="a link")
        elif item.is_dir():
            yield from _in_folder(item.path, inside)
        elif not item.is_file():
            yield Entry(inside, problem="not a plain file")
        elif item.stat().st_size > BIG:
            yield Entry(inside, problem=_too_big(item.stat().st_size))
        else:
            changed = item.stat().st_mtime
            yield Entry(inside, changed, changed, Path(item.path).read_bytes)


def _in_zip(archive, parts):
    for info in archive.infolist():
        names = info.filename.replace("\\", "/").split("/")
        inside = (*parts, *filter(None, names))
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.is_dir() or any(name.startswith(".") for name in names if name != ".."):
            continue
        if ".." in names or names[0] == "" or names[0].endswith(":"):
            yield Entry(inside, problem="its path leads out of the zip")
        elif kind == stat.S_IFLNK:
            yield Entry(inside, problem="a link")
        elif kind not in (0, stat.S_IFREG):
            yield Entry(inside, problem="not a plain file")
        elif info.flag_bits & 1:
            yield Entry(inside, problem="locked with a password")
        elif info.file_size > BIG:
            yield Entry(inside, problem=_too_big(info.file_size))
        else:
            changed = _seconds(info.date_time)
            yield Entry(inside, changed, changed, lambda info=info: _bytes(archive, info))


def _opened(entry, depth):
    """Yield the files of an entry that is a zip, else the entry itself."""
    if entry.problem or not entry.parts[-1].lower().endswith(".zip"):
        yield entry
        return
    try:
        archive = _open(io.BytesIO(entry.read()))
    except OSError as error:
        yield entry._replace(problem=str(error))
        return
    size = sum(info.file_size for info in archive.infolist())
    if depth == 0:
        yield entry._replace(problem="a zip in a zip in a zip")
    elif size > UNPACKED or len(archive.infolist()) > MANY:
        yield entry._replace(
            problem=f"a zip of {len(archive.infolist())} files and {size / 1e6:.0f} MB once unpacked, "
            f"more than {MANY} or {UNPACKED / 1e6:.0f}"
        )
    else:
        for inner in _in_zip(archive, entry.parts):
            yield from _opened(inner._replace(time=entry.time), depth - 1)


def _open(file):
    try:
        return zipfile.ZipFile(file)
    except Exception as error:  # Python's zipfile raises a dozen kinds for what people can send
        raise OSError(f"a damaged zip, or none ({error})") from None


def _bytes(archive, info):
    """Return the bytes of a file in a zip; never more than it declares."""
    try:
        with archive.open(info) as file:
            return file.read(BIG)
    except Exception as error:
        raise OSError(f"damaged in the zip ({error})") from None


def _seconds(date):
    try:
        return time.mktime((*date, 0, 0, -1))
    except (ValueError, OverflowError):  # a 13th month
        return 0.0


def _too_big(size):
    return f"{size / 1e6:.0f} MB, more than {BIG / 1e6:.0f}"
