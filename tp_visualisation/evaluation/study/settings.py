"""What the rows of a table on disk are of: `results.csv.settings.json` beside it, held by whoever writes the table."""

import json
import os
from pathlib import Path
from typing import BinaryIO

from tp_visualisation.files import open_alone


def hold_settings(path: Path, settings: dict) -> BinaryIO:
    """Return the file beside a table that says what it is of, held: the table is its holder's until it is closed.

    It is written where there is no table yet, and else compared.

    Args:
        path: of the table.
        settings: JSON object.

    Raises:
        ValueError: other settings, or nothing that can be compared.
        BlockingIOError: another process or thread holds it.
    """
    settings = json.loads(json.dumps(settings))
    beside = path.with_name(path.name + ".settings.json")
    advice = f'give another output, or remove "{path}" and "{beside}" to begin again.'
    unknown = ValueError(f'"{path}" exists, and "{beside}" does not say what it is of: {advice}')
    if beside.is_dir() or (path.exists() and not beside.exists()):
        raise unknown
    try:
        held = open_alone(beside)
    except BlockingIOError:
        raise BlockingIOError(
            f'"{path}" is being written by another process: wait for its end, or give another output.'
        ) from None
    try:
        if not path.exists():
            held.truncate(0)
            held.write(json.dumps(settings, indent=1).encode() + b"\n")
            held.flush()
            os.fsync(held.fileno())
            return held
        held.seek(0)
        try:
            known = json.loads(held.read())
        except (ValueError, RecursionError):
            raise unknown from None
        if not isinstance(known, dict):
            raise unknown
        if changes := _changes(known, settings):
            raise ValueError(f'"{path}" holds rows of another run ({"; ".join(changes)}): {advice}')
    except BaseException:
        held.close()
        raise
    return held


def _changes(known, settings):
    """What differs between two runs, a text each."""
    changes = []
    for name in {**known, **settings}:
        before, now = known.get(name), settings.get(name)
        if before == now and name in known and name in settings:
            continue
        both = before.keys() & now.keys() if isinstance(before, dict) and isinstance(now, dict) else ()
        others = [f'"{key}"' for key in both if before[key] != now[key]]
        change = f"other code called {', '.join(others)}" if others else f"{_short(before)}, now {_short(now)}"
        changes.append(f"{name} {change}")
    return changes


def _short(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."
