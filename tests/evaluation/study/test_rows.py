import pytest

from tp_visualisation.evaluation.study import rows as rows_module
from tp_visualisation.evaluation.study.rows import Row, open_table

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
    table.append(ROWS[:1])
    table.close()
    assert sorted(file.name for file in path.iterdir())[1] == "block-00000003-00000004.parquet"
    assert open_table(path, {"step_size": 224}).rows == ROWS + ROWS[:1]


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
    assert (tmp_path / "t.csv").read_text() == "mine\n"
