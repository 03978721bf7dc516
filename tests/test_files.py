"""Files written whole or not at all."""

import errno
import os
import sys
from contextlib import suppress

import pytest

from tp_visualisation.files import check_in_place, open_alone, replacing


def test_new_file_appears_when_all_is_written(tmp_path):
    path = tmp_path / "map.npy"
    with replacing(path) as temporary:
        temporary.write_bytes(b"half")
        assert not path.exists()
        assert temporary.parent == tmp_path
        assert temporary.suffix == ".npy"
        temporary.write_bytes(b"whole")
    assert path.read_bytes() == b"whole"
    assert os.listdir(tmp_path) == ["map.npy"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_error_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "out.png"
    path.write_bytes(b"old")
    with pytest.raises(error), replacing(path) as temporary:  # noqa: PT012
        temporary.write_bytes(b"half")
        raise error
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["out.png"]


@pytest.mark.skipif(os.name == "nt", reason="permissions are those of Unix")
def test_file_has_the_permissions_of_any_new_file(tmp_path):
    with replacing(tmp_path / "ours") as temporary:
        temporary.write_bytes(b"")
    (tmp_path / "theirs").write_bytes(b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "theirs").stat().st_mode


def test_relative_path_is_in_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with replacing("out.txt") as temporary:
        temporary.write_text("text")
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == "text"


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="create it first"), replacing(tmp_path / "nowhere" / "out.png"):
        pass


def test_folder_is_refused(tmp_path):
    with pytest.raises(IsADirectoryError, match="name a file in it"), replacing(tmp_path):
        pass


def test_a_file_is_held_by_one_until_it_is_closed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_alone("held") as file:
        file.write(b"text")
        for other in ("held", tmp_path / "held"):
            with pytest.raises(BlockingIOError, match="another process holds it"):
                open_alone(other)
        file.flush()
        assert (tmp_path / "held").read_bytes() == b"text"  # others may read it
    with open_alone("held") as file:
        file.seek(0)
        assert file.read() == b"text"
    file = open_alone("held")
    del file
    open_alone("held").close()


def test_a_file_system_without_locks_is_told_and_written(tmp_path, monkeypatch):
    def refuses(file):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("tp_visualisation.files._lock", refuses)
    with pytest.warns(UserWarning, match="held.*cannot be locked.*No locks available.*only one process"):
        open_alone(tmp_path / "held").close()


def test_an_open_file_that_is_moved_removed_or_replaced_is_named(tmp_path):
    for change in (
        lambda path: path.unlink(),
        lambda path: path.rename(tmp_path / "moved"),
        lambda path: (tmp_path / "moved").replace(path),
    ):
        with (tmp_path / "file").open("ab") as file:
            check_in_place(file)
            change(tmp_path / "file")
            with pytest.raises(FileNotFoundError, match='file" was removed or replaced'):
                check_in_place(file)
        (tmp_path / "moved").write_bytes(b"other")


def test_ctrl_c_at_any_line_leaves_no_temporary_file(tmp_path):
    lines = 0

    def interrupt(frame, event, _):
        nonlocal lines
        if frame.f_code.co_filename.endswith(("files.py", "tempfile.py")) and event == "line":
            lines += 1
            if lines == at:
                raise KeyboardInterrupt
        return interrupt

    at = 0
    while lines >= at:  # until the whole has fewer lines
        at, lines = at + 1, 0
        before = sys.gettrace()
        sys.settrace(interrupt)
        try:
            with suppress(KeyboardInterrupt), replacing(tmp_path / "out.txt") as temporary:
                temporary.write_text("new")
        finally:
            sys.settrace(before)
        assert {path.name for path in tmp_path.iterdir()} <= {"out.txt"}, at
    assert at > 5
