"""The rows of a benchmark on disk: written as they come, whole after a kill at any moment, read at the next start.

A table is a CSV file, or a folder of Parquet files. `results.csv.settings.json` beside it says what the rows are of, so
that a run with other settings does not continue the table of this one. Who writes the table holds that file, alone.

Names are kept as they are, of files too whose names are no text: their bytes are written as `os.fsencode` gives them.
"""

import csv
import io
import os
import re
from pathlib import Path
from typing import NamedTuple

from tp_visualisation.evaluation.study.settings import hold_settings
from tp_visualisation.files import check_in_place, replacing

_PARTS_IN_A_BLOCK = 256
_LONGEST_FIELD = 2**31 - 1  # csv's own limit is 131 072 characters


class Row(NamedTuple):
    """One number: what a metric says of the map of one image by one method; None, with the error, where it failed.

    `category` is that of the boxes and `difficult` whether it is on the difficult part; "" and None without boxes.
    `target` is the index of the class explained, None where the image could not be read.
    """

    image: str
    category: str
    target: int | None
    difficult: bool | None
    method: str
    metric: str
    value: float | None
    error: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What no two rows of a table share."""
        return self.image, self.category, self.method, self.metric


def open_table(path: Path | None, settings: dict):
    """Return the table at `path`, new or continued. It has `rows`, `append(rows)` and `close()`.

    Args:
        path: file with the suffix .csv or folder with the suffix .parquet, as `check_output` gives it; None
            for rows that are kept in memory only.
        settings: JSON object; a table that was begun with another one is refused.

    Raises:
        ValueError: other settings, or a file that is not such a table, or one with a row twice.
        BlockingIOError: another process or thread has the table open.
        OSError: it cannot be written; from `append` and `close` too, where it has been removed.
    """
    if path is None:
        return _MemoryTable()
    path = path.resolve()  # a link and what it leads to are one table
    held = hold_settings(path, settings)
    try:
        table = _ParquetTable(path, held) if path.suffix.lower() == ".parquet" else _CsvTable(path, held)
        _check_keys(path, table.rows)
    except BaseException:
        held.close()
        raise
    return table


def check_text(text: str, what: str) -> None:
    """Raise a ValueError where no file can hold `text`: a NUL, or half of a surrogate pair that no file name gives."""
    try:
        if "\0" not in text:
            text.encode("utf-8", "surrogateescape")
            return
    except UnicodeEncodeError:
        pass
    raise ValueError(f"the name of {what} must be a text that can be written to a file, got {text!r:.80}.")


def check_output(path: str | os.PathLike) -> Path:
    """Return the path of a table, or say why it cannot be written.

    Raises:
        ValueError: another suffix than .csv and .parquet, something else of that name, no pyarrow.
        FileNotFoundError, PermissionError: its folder is not there, or cannot be written.
    """
    path = Path(path).expanduser()
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise ValueError(f'output must end in .csv or .parquet, got "{path}".')
    if not path.parent.is_dir():
        raise FileNotFoundError(f'the folder "{path.parent}" does not exist: create it first.')
    if path.suffix.lower() == ".parquet":
        _pyarrow()
    if path.exists() and path.is_dir() != (path.suffix.lower() == ".parquet"):
        raise ValueError(f'"{path}" exists and is not a table of a benchmark: give another output.')
    for place in (path.parent, path):
        if place.exists() and not os.access(place, os.W_OK):
            raise PermissionError(f'"{place}" cannot be written: give another output.')
    return path


class _MemoryTable:
    """No table on disk."""

    def __init__(self):
        self.rows = []

    def append(self, rows):
        """Keep `rows`."""
        self.rows += rows

    def close(self):
        """Nothing to do."""


class _CsvTable:
    """A CSV file with a header. `rows` is what it held when it was opened."""

    def __init__(self, path, held):
        content = path.read_bytes() if path.exists() else b""
        whole = content[: _end_of_rows(content)]  # a kill may have cut the last row
        if not _line(Row._fields).startswith(content[: len(_line(Row._fields))]):
            raise ValueError(f'"{path}" is not a table of a benchmark: its header must be {",".join(Row._fields)}.')
        self.rows = _read_csv(path, whole.decode("utf-8", "surrogateescape")) if whole else []
        self._held = held
        self._file = path.open("ab")
        if len(whole) < len(content):
            self._file.truncate(len(whole))
        if not whole:
            self._write([Row._fields])

    def append(self, rows):
        """Write `rows`; they are on disk when it returns."""
        self._write(rows)

    def close(self):
        """Close the file."""
        with self._held, self._file:
            self._check_in_place()

    def _check_in_place(self):
        check_in_place(self._held)
        check_in_place(self._file)

    def _write(self, lines):
        self._check_in_place()
        self._file.write(b"".join(map(_line, lines)))
        self._file.flush()
        os.fsync(self._file.fileno())


class _ParquetTable:
    """A folder of Parquet files, each written whole or not at all. `rows` is what it held when it was opened.

    Every `append` is a file of its own, part-N; many of them become one, block-FIRST-LAST, and go. A kill
    between the two leaves parts that their block holds too: the next start removes them.
    """

    def __init__(self, path, held):
        self._path, self._held, self._arrow = path, held, _pyarrow()
        path.mkdir(exist_ok=True)
        for hidden in path.glob(".*.parquet"):  # temporary files that a kill left
            hidden.unlink()
        blocks = {file: _numbers(file) for file in path.glob("block-*.parquet")}
        parts = {_numbers(file)[0]: file for file in path.glob("part-*.parquet")}
        for first, last in blocks.values():
            for number in [number for number in parts if first <= number <= last]:
                parts.pop(number).unlink()
        files = sorted([*blocks, *parts.values()], key=_numbers)
        self.rows = [row for file in files for row in self._read(file)]
        self._files, self._parts = {path, *files}, dict(sorted(parts.items()))
        self._next = max([last for _, last in blocks.values()] + list(parts), default=-1) + 1

    def append(self, rows):
        """Write `rows`; they are on disk when it returns."""
        self._parts[self._next] = self._write(f"part-{self._next:08d}", rows)
        self._next += 1
        if len(self._parts) >= _PARTS_IN_A_BLOCK:
            self._unite()

    def close(self):
        """Put the parts together in one file."""
        with self._held:
            check_in_place(self._held)
            if missing := sorted(file for file in self._files if not file.exists()):
                raise FileNotFoundError(f'"{missing[0]}" was removed while it was in use: start again.')
            self._unite()

    def _unite(self):
        if len(self._parts) > 1:
            first, last = min(self._parts), max(self._parts)
            self._write(
                f"block-{first:08d}-{last:08d}", [row for part in self._parts.values() for row in self._read(part)]
            )
            for part in self._parts.values():
                self._files.remove(part)
                part.unlink()
            self._parts = {}

    def _write(self, name, rows):
        check_in_place(self._held)
        table = _arrow_table(self._arrow, rows)
        file = self._path / f"{name}.parquet"
        with replacing(file) as temporary, temporary.open("wb") as written:  # Arrow opens only names in UTF-8
            self._arrow.parquet.write_table(table, written)
            written.flush()
            os.fsync(written.fileno())
        self._files.add(file)
        return file

    def _read(self, file):
        try:
            table = self._arrow.parquet.ParquetFile(io.BytesIO(file.read_bytes())).read()
            return [
                Row(*map(_from_bytes, row.values())) for row in table.cast(_schema(self._arrow, "binary")).to_pylist()
            ]
        except FileNotFoundError:
            raise FileNotFoundError(f'"{file}" was removed while it was in use: start again.') from None
        except (self._arrow.ArrowException, OSError, TypeError, ValueError) as error:
            raise ValueError(f'"{file}" is not a part of a benchmark\'s table: remove it to continue.') from error


def _check_keys(path, rows):
    seen = set()
    for row in rows:
        if row.key in seen:
            raise ValueError(f'"{path}" has two rows of {", ".join(filter(None, row.key))!r}: remove one to continue.')
        seen.add(row.key)


def _end_of_rows(content):
    """Where the last whole row of a CSV file ends: behind a line feed that an even number of quotes comes before."""
    end, n_quotes = len(content), content.count(b'"')
    while end:
        feed = content.rfind(b"\n", 0, end)
        n_quotes -= content.count(b'"', max(feed, 0), end)
        if feed < 0 or n_quotes % 2 == 0:
            return feed + 1
        end = feed
    return 0


def _read_csv(path, text):
    limit = csv.field_size_limit(_LONGEST_FIELD)
    try:
        _, *lines = csv.reader(io.StringIO(text, newline=""))
    except csv.Error as error:
        raise ValueError(f'"{path}" is not a table of a benchmark: {error}.') from error
    finally:
        csv.field_size_limit(limit)
    rows = []
    for number, line in enumerate(lines, start=2):
        try:
            image, category, target, difficult, method, metric, value, error = line
            target = int(target) if target else None
            difficult = {"": None, "0": False, "1": True}[difficult]
            value = float(value) if value else None
            rows.append(Row(image, category, target, difficult, method, metric, value, error))
        except (ValueError, KeyError):
            raise ValueError(f'row {number} of "{path}" cannot be read: remove it to continue.') from None
    return rows


def _line(row):
    """A row as a line of a CSV file."""
    return b",".join(_to_bytes(_text(value)) for value in row) + b"\n"


def _text(value):
    """A field of a CSV file, in quotes where others would read it as something else; of a float all its digits."""
    if value is None:
        return ""
    text = str(int(value)) if isinstance(value, bool) else repr(value) if isinstance(value, float) else str(value)
    quoted = any(special in text for special in '",\r\n') or text != text.strip()
    return '"' + text.replace('"', '""') + '"' if quoted else text


def _numbers(file):
    """The first and last number in the name of a Parquet file."""
    numbers = [int(number) for number in re.findall(r"\d{8,}", file.stem)]
    if not numbers:
        raise ValueError(f'"{file}" is not a part of a benchmark\'s table: remove it to continue.')
    return numbers[0], numbers[-1]


def _schema(arrow, text="string"):
    text, number = getattr(arrow, text)(), arrow.float64()
    types = [text, text, arrow.int32(), arrow.bool_(), text, text, number, text]
    return arrow.schema(list(zip(Row._fields, types, strict=True)))


def _arrow_table(arrow, rows):
    """Rows as a table of Arrow, whose own conversion refuses names that are not UTF-8."""
    plain = [{field: _to_bytes(value) for field, value in row._asdict().items()} for row in rows]
    table = arrow.Table.from_pylist(plain, schema=_schema(arrow, "binary"))
    arrays = [column.combine_chunks().view(field.type) for column, field in zip(table, _schema(arrow), strict=True)]
    return arrow.Table.from_arrays(arrays, schema=_schema(arrow))


def _to_bytes(value):
    if not isinstance(value, str):
        return value
    try:
        return value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # in an error only: names are checked
        return value.encode("utf-8", "backslashreplace")


def _from_bytes(value):
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


def _pyarrow():
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise ValueError(
            'pyarrow writes Parquet and is not installed: pip install "tp_visualisation[benchmark]", '
            "or give an output that ends in .csv."
        ) from None
    return pyarrow
