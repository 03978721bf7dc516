"""The rows of a benchmark on disk: written as they come, whole after a kill at any moment, read at the next start.

A table is a CSV file, or a folder of Parquet files. `results.csv.settings.json` beside it says what the rows are of, so
that a run with other settings does not continue the table of this one.
"""

import csv
import io
import json
import os
import re
from pathlib import Path
from typing import NamedTuple

from tp_visualisation.files import replacing

_PARTS_IN_A_BLOCK = 256


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
        ValueError: other settings, or a file that is not such a table.
        OSError: it cannot be written.
    """
    if path is None:
        return _MemoryTable()
    _check_settings(path, json.loads(json.dumps(settings)))
    return _ParquetTable(path) if path.suffix.lower() == ".parquet" else _CsvTable(path)


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

    def __init__(self, path):
        content = path.read_bytes() if path.exists() else b""
        whole = content[: content.rfind(b"\n") + 1]  # a kill may have cut the last row
        self.rows = _read_csv(path, whole.decode("utf-8")) if whole else []
        self._file = path.open("ab")
        if len(whole) < len(content):
            self._file.truncate(len(whole))
        if not whole:
            self._write([Row._fields])

    def append(self, rows):
        """Write `rows`; they are on disk when it returns."""
        self._write([[_text(value) for value in row] for row in rows])

    def close(self):
        """Close the file."""
        self._file.close()

    def _write(self, lines):
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(lines)
        self._file.write(text.getvalue().encode("utf-8"))
        self._file.flush()
        os.fsync(self._file.fileno())


class _ParquetTable:
    """A folder of Parquet files, each written whole or not at all. `rows` is what it held when it was opened.

    Every `append` is a file of its own, part-N; many of them become one, block-FIRST-LAST, and go. A kill
    between the two leaves parts that their block holds too: the next start removes them.
    """

    def __init__(self, path):
        self._path, self._arrow = path, _pyarrow()
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
        self._parts = dict(sorted(parts.items()))
        self._next = max([last for _, last in blocks.values()] + list(parts), default=-1) + 1

    def append(self, rows):
        """Write `rows`; they are on disk when it returns."""
        self._parts[self._next] = self._write(f"part-{self._next:08d}", rows)
        self._next += 1
        if len(self._parts) >= _PARTS_IN_A_BLOCK:
            self.close()

    def close(self):
        """Put the parts together in one file."""
        if len(self._parts) > 1:
            first, last = min(self._parts), max(self._parts)
            self._write(
                f"block-{first:08d}-{last:08d}", [row for part in self._parts.values() for row in self._read(part)]
            )
            for part in self._parts.values():
                part.unlink()
            self._parts = {}

    def _write(self, name, rows):
        table = self._arrow.Table.from_pylist([row._asdict() for row in rows], schema=_schema(self._arrow))
        file = self._path / f"{name}.parquet"
        with replacing(file) as temporary:
            self._arrow.parquet.write_table(table, temporary)
            with temporary.open("r+b") as written:
                os.fsync(written.fileno())
        return file

    def _read(self, file):
        try:
            table = self._arrow.parquet.ParquetFile(file).read()
            return [Row(**row) for row in table.to_pylist()]
        except (self._arrow.ArrowInvalid, TypeError) as error:
            raise ValueError(f'"{file}" is not a part of a benchmark\'s table: remove it to continue.') from error


def _check_settings(path, settings):
    """Compare with the settings beside the table, or write them where there is no table yet."""
    beside = path.with_name(path.name + ".settings.json")
    advice = f'give another output, or remove "{path}" and "{beside}" to begin again.'
    if not path.exists():
        with replacing(beside) as temporary:
            temporary.write_text(json.dumps(settings, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return
    try:
        known = json.loads(beside.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        raise ValueError(f'"{path}" exists, and "{beside}" does not say what it is of: {advice}') from None
    different = [name for name in {**known, **settings} if known.get(name) != settings.get(name)]
    if different:
        changes = "; ".join(f"{name} {_short(known.get(name))}, now {_short(settings.get(name))}" for name in different)
        raise ValueError(f'"{path}" holds rows of another run ({changes}): {advice}')


def _read_csv(path, text):
    header, *lines = csv.reader(io.StringIO(text, newline=""))
    if tuple(header) != Row._fields:
        raise ValueError(f'"{path}" is not a table of a benchmark: its header must be {",".join(Row._fields)}.')
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


def _text(value):
    """A field of a CSV file; of a float all the digits that give it back."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool) else repr(value) if isinstance(value, float) else str(value)


def _short(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def _numbers(file):
    """The first and last number in the name of a Parquet file."""
    numbers = [int(number) for number in re.findall(r"\d{8,}", file.stem)]
    if not numbers:
        raise ValueError(f'"{file}" is not a part of a benchmark\'s table: remove it to continue.')
    return numbers[0], numbers[-1]


def _schema(arrow):
    text, number = arrow.string(), arrow.float64()
    types = [text, text, arrow.int32(), arrow.bool_(), text, text, number, text]
    return arrow.schema(list(zip(Row._fields, types, strict=True)))


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
