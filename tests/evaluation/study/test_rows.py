import csv
import io
import os
import random
import shutil

import pytest

from tp_visualisation.evaluation.study import rows as rows_module
from tp_visualisation.evaluation.study.rows import Row, check_text, open_table

ROWS = [
    Row('a, "b".png', "", 3, None, "gradient", "deletion", 0.1 + 0.2),
    Row("é.png", "dog", 1, True, "rise", "pointing", 1.0),
    Row("c.png", "cat", 2, False, "rise", "pointing", 0.0),
    Row("d.png", "", None, None, "rise", "deletion", None, 'it is "damaged", or cut short'),
]


def written(path, rows=ROWS):
    table = open_table(path, {"step_size": 224})
    for row in rows:
        table.append([row])
    table.close()


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_rows_come_back_as_they_were(tmp_path, suffix):
    written(tmp_path / f"t{suffix}")
    assert open_table(tmp_path / f"t{suffix}", {"step_size": 224}).rows == ROWS


def test_a_csv_file_cut_anywhere_keeps_its_whole_rows_and_goes_on(tmp_path):
    path = tmp_path / "t.csv"
    written(path)
    whole = path.read_bytes()
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        table = open_table(path, {"step_size": 224})
        n_whole = max(0, whole[:length].count(b"\n") - 1)
        assert table.rows == ROWS[:n_whole]
        table.append(ROWS[n_whole:])
        table.close()
        assert path.read_bytes() == whole


def test_parquet_parts_become_blocks_and_a_kill_in_between_doubles_nothing(tmp_path, monkeypatch):
    path = tmp_path / "t.parquet"
    monkeypatch.setattr(rows_module, "_PARTS_IN_A_BLOCK", 3)
    written(path)
    names = sorted(file.name for file in path.iterdir())
    assert names == ["block-00000000-00000002.parquet", "part-00000003.parquet"]

    (path / "part-00000001.parquet").write_bytes(
        (path / "part-00000003.parquet").read_bytes()
    )  # a part not yet removed
    (path / ".part-00000004-x.parquet").write_bytes(b"half")  # and one not yet whole
    table = open_table(path, {"step_size": 224})
    assert table.rows == ROWS
    assert sorted(file.name for file in path.iterdir()) == names
    fifth = ROWS[0]._replace(image="e.png")
    table.append([fifth])
    table.close()
    assert sorted(file.name for file in path.iterdir())[1] == "block-00000003-00000004.parquet"
    assert open_table(path, {"step_size": 224}).rows == [*ROWS, fifth]


def test_parquet_is_read_by_others_as_one_table(tmp_path):
    import pyarrow.parquet

    written(tmp_path / "t.parquet")
    table = pyarrow.parquet.read_table(tmp_path / "t.parquet")
    assert table.column("value").to_pylist() == [row.value for row in ROWS]


def test_a_damaged_table_is_named(tmp_path):
    written(tmp_path / "t.csv")
    with (tmp_path / "t.csv").open("a") as file:
        file.write("x.png,,1\n")
    with pytest.raises(ValueError, match=r'row 6 of ".*t.csv" cannot be read'):
        open_table(tmp_path / "t.csv", {"step_size": 224})
    (tmp_path / "t.csv").write_text("name,value\n")
    with pytest.raises(ValueError, match="its header must be image,category"):
        open_table(tmp_path / "t.csv", {"step_size": 224})
    written(tmp_path / "t.parquet")
    (tmp_path / "t.parquet" / "part-00000007.parquet").write_bytes(b"no")
    with pytest.raises(ValueError, match="part-00000007.parquet.*remove it"):
        open_table(tmp_path / "t.parquet", {"step_size": 224})


def test_a_file_without_settings_is_left_alone(tmp_path):
    (tmp_path / "t.csv").write_text("mine\n")
    with pytest.raises(ValueError, match="does not say what it is of"):
        open_table(tmp_path / "t.csv", {"step_size": 224})
    assert (tmp_path / "t.csv").read_text(encoding="utf-8") == "mine\n"


# Names


NAMES = [
    "a\rb.png",
    "a\nb.png",
    "a\r\nb.png",
    'a"b".png',
    "a,b.png",
    "=1+1.png",
    " a .png",
    "\ta\x0b.png",
    "a\x85\u2028b.png",
    os.fsdecode(b"caf\xe9.png"),
    os.fsdecode(b"\xed\xa0\x80\xff.png"),
    "'é\u4e2d\U0001f600",
    "x" * 200_000,
    '"',
    "#",
    "NaN",
    "\\",
]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_names_of_any_bytes_are_kept(tmp_path, suffix):
    path = tmp_path / f"t{suffix}"
    rows = [Row(name, name, 1, None, name, name, 0.5, name) for name in NAMES]
    written(path, rows)
    table = open_table(path, {"step_size": 224})
    assert table.rows == rows
    table.close()
    if suffix == ".csv":
        content = path.read_bytes()
        assert all(os.fsencode(name).replace(b'"', b'""') in content for name in NAMES)
        short = content.decode("utf-8", "replace").replace("x" * 200_000, "x")  # as others read it
        assert {len(line) for line in csv.reader(io.StringIO(short, newline=""))} == {8}


def test_a_csv_file_of_odd_names_cut_anywhere_keeps_its_whole_rows_and_goes_on(tmp_path):
    path = tmp_path / "t.csv"
    rows = [Row(name, "", 1, None, "m\n", "n", None, '"\n"') for name in NAMES if len(name) < 99]
    written(path, rows[:1])
    lengths = [len(path.read_bytes())]
    for row in rows[1:]:
        table = open_table(path, {"step_size": 224})
        table.append([row])
        table.close()
        lengths.append(len(path.read_bytes()))
    whole = path.read_bytes()
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        table = open_table(path, {"step_size": 224})
        n_whole = sum(length >= end for end in lengths)
        assert table.rows == rows[:n_whole]
        table.close()


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_a_name_that_no_file_can_hold_is_refused(name):
    with pytest.raises(ValueError, match="the name of a photograph must be a text that can be written"):
        check_text(name, "a photograph")


def test_an_error_of_any_characters_is_written(tmp_path):
    for suffix in (".csv", ".parquet"):
        written(tmp_path / f"t{suffix}", [ROWS[3]._replace(error="half a pair \ud800")])
        table = open_table(tmp_path / f"t{suffix}", {"step_size": 224})
        assert table.rows == [ROWS[3]._replace(error="half a pair \\ud800")]
        table.close()


# What is not as it should be


@pytest.mark.parametrize(
    "content",
    [b"[]", b"[1]", b"null", b"3", b'"x"', b"", b"{", b"\xff\xfe", b"[" * 200_000, b'{"a":' * 200_000, b"9" * 5000],
    ids=range(11),
)
def test_settings_of_any_content_are_told(tmp_path, content):
    written(tmp_path / "t.csv")
    (tmp_path / "t.csv.settings.json").write_bytes(content)
    with pytest.raises(ValueError, match='settings.json" does not say what it is of: give another output'):
        open_table(tmp_path / "t.csv", {"step_size": 224})


def test_settings_that_are_a_folder_and_those_of_other_kinds_are_told(tmp_path):
    written(tmp_path / "t.csv")
    for content in ("{}", '{"step_size": [224]}', '{"step_size": {"a": NaN}}', '{"step_size": 224, "more": null}'):
        (tmp_path / "t.csv.settings.json").write_text(content)
        with pytest.raises(ValueError, match="rows of another run"):
            open_table(tmp_path / "t.csv", {"step_size": 224})
    (tmp_path / "t.csv.settings.json").unlink()
    (tmp_path / "t.csv.settings.json").mkdir()
    for _ in range(2):
        with pytest.raises(ValueError, match="does not say what it is of|is a folder"):
            open_table(tmp_path / "t.csv", {"step_size": 224})
        (tmp_path / "t.csv").unlink(missing_ok=True)


def test_settings_may_hold_any_text(tmp_path):
    settings = {"dataset": os.fsdecode(b"caf\xe9"), "é": "\ud800"}
    for _ in range(2):
        open_table(tmp_path / "t.csv", settings).close()


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_row_that_is_there_twice_is_told(tmp_path, suffix):
    written(tmp_path / f"t{suffix}", [ROWS[0], ROWS[1], ROWS[0]._replace(value=1.0)])
    with pytest.raises(ValueError, match="has two rows of .*gradient, deletion.*: remove one"):
        open_table(tmp_path / f"t{suffix}", {"step_size": 224})


def test_a_file_that_is_no_table_is_left_alone_whatever_it_holds(tmp_path):
    path = tmp_path / "t.csv"
    written(path)
    for content in (b"mine", b"mine\n", b"\n", b"\xff\xfe\0\n", b"image,category\n", bytes(range(256)), b'"' * 9):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="its header must be image,category"):
            open_table(path, {"step_size": 224})
        assert path.read_bytes() == content


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_any_damage_to_a_table_is_told(tmp_path, suffix):
    """Bytes that are changed, lost or doubled: the rows are read, or a ValueError names the file."""
    path, rng = tmp_path / f"t{suffix}", random.Random(0)
    written(path)
    file = path if suffix == ".csv" else sorted(path.iterdir())[0]
    whole = file.read_bytes()
    for _ in range(300):
        content, place = bytearray(whole), rng.randrange(len(whole))
        content[place : place + rng.choice([0, 1, 1, 5])] = rng.randbytes(rng.choice([0, 1, 1, 3]))
        file.write_bytes(content)
        try:
            table = open_table(path, {"step_size": 224})
        except ValueError as error:
            assert file.name in str(error)  # noqa: PT017
        else:
            table.close()


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("what", ["table", "folder", "settings"])
def test_a_table_that_vanishes_is_an_error(tmp_path, suffix, what):
    for n_before in (0, 1, 2):
        folder = tmp_path / str(n_before)
        folder.mkdir()
        path = folder / f"t{suffix}"
        table = open_table(path, {"step_size": 224})
        for row in ROWS[:n_before]:
            table.append([row])
        gone = {"table": path, "folder": folder, "settings": folder / f"{path.name}.settings.json"}[what]
        gone.rename(tmp_path / "elsewhere")
        with pytest.raises(FileNotFoundError, match=f"{n_before}.*(was removed or replaced|does not exist)"):
            table.append(ROWS[2:3])
        with pytest.raises(FileNotFoundError, match=f"{n_before}.*removed"):
            table.close()
        assert what == "folder" or not gone.exists()
        if (tmp_path / "elsewhere").is_dir():
            shutil.rmtree(tmp_path / "elsewhere")


def test_a_table_that_is_replaced_by_another_is_an_error(tmp_path):
    table = open_table(tmp_path / "t.csv", {"step_size": 224})
    for file in tmp_path.iterdir():
        file.unlink()
    written(tmp_path / "t.csv")
    with pytest.raises(FileNotFoundError, match="removed or replaced"):
        table.append(ROWS)
    with pytest.raises(FileNotFoundError, match="removed or replaced"):
        table.close()
    other = open_table(tmp_path / "t.csv", {"step_size": 224})
    assert other.rows == ROWS
    other.close()


# One at a time


def test_a_table_that_is_open_is_not_opened_again_by_a_thread_or_through_a_link_and_is_after_an_error(tmp_path):
    (tmp_path / "link.csv").symlink_to(tmp_path / "t.csv")
    table = open_table(tmp_path / "link.csv", {"step_size": 224})
    for path in (tmp_path / "t.csv", tmp_path / "link.csv"):
        with pytest.raises(BlockingIOError, match="being written by another process"):
            open_table(path, {"step_size": 224})
    table.close()
    with pytest.raises(ValueError, match="another run"):
        open_table(tmp_path / "t.csv", {"step_size": 1})
    open_table(tmp_path / "t.csv", {"step_size": 224}).close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["link.csv", "t.csv", "t.csv.settings.json"]
