"""What students can pack: nothing is unpacked to the disk or fills the memory, and whatever is left out is said."""

import os
import zipfile

import pytest

from .exported import bring, collect, moodle, notebook, packed, submitted, write_course

import exports  # isort: skip  (in tools/, which `exported` has put on the path)


@pytest.fixture
def course(tmp_path):
    return write_course(tmp_path)


def link(name, to):
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info, to


def locked(content):
    raw = bytearray(packed({"t.ipynb": content}))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(signature) + flags] |= 1
    return bytes(raw)


def damaged(content):
    raw = bytearray(packed({"t.ipynb": content}))
    raw[60:70] = b"0123456789"
    return bytes(raw)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("tp.pdf", b"%PDF", "not a notebook"),
        ("tp.py", b"print()", "not a notebook"),
        ("tp.docx", b"PK", "not a notebook"),
        ("tp.rar", b"Rar!", "not a notebook"),
        ("readme.txt", b"my lab", "not a notebook of the course"),
        ("tp.zip", b"PK, not really", "a damaged zip, or none"),
        ("tp.zip", b"", "a damaged zip, or none"),
        ("tp.zip", damaged(b"x" * 100), "damaged in the zip"),
        ("tp.zip", locked(b"x"), "locked with a password"),
        ("tp.zip", packed({"../../t.ipynb": b"x"}), "its path leads out of the zip"),
        ("tp.zip", packed({"/etc/t.ipynb": b"x"}), "its path leads out of the zip"),
        ("tp.zip", packed({"C:\\t.ipynb": b"x"}), "its path leads out of the zip"),
        ("tp.zip", packed({"a.zip": packed({"b.zip": packed({"t": b""})})}), "a zip in a zip in a zip"),
        ("tp.zip", packed({"t.ipynb": b"0" * (exports.BIG + 1)}), "50 MB, more than 50"),
        ("tp.zip", packed({f"{n}.ipynb": b"" for n in range(exports.MANY + 1)}), "a zip of 1001 files and 0 MB"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_what_is_left_out_has_one_line_with_its_name_and_why(course, capsys, name, content, said):
    bring(course, {moodle("Ada", file=name): content, moodle("Ben", 2): notebook("tiny")})
    assert set(submitted(course)) == {"Ben/tiny"}
    assert sorted(path.name for path in course.iterdir()) == ["export.zip", "grading", "solutions"]
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.endswith("left out.")]
    assert line.startswith(f"Ada_1_assignsubmission_file/{name}")
    assert f": {said}" in line


def test_a_zip_that_would_fill_the_memory_is_not_unpacked(course, capsys, monkeypatch):
    monkeypatch.setattr(exports, "UNPACKED", 1000)
    monkeypatch.setattr(exports, "_bytes", lambda archive, info, read=exports._bytes: _small(archive, info, read))
    bring(course, {moodle("Ada", file="t.zip"): packed({f"{n}.ipynb": b"0" * 600 for n in range(2)})})
    assert "t.zip: a zip of 2 files and 0 MB once unpacked, more than 1000 or 0, left out." in capsys.readouterr().out


def _small(archive, info, read):
    assert info.filename.endswith(".zip"), "unpacked all the same"
    return read(archive, info)


def test_links_are_left_out(course, capsys):
    outside = course / "outside" / "tiny"
    outside.mkdir(parents=True)
    (outside / "tiny.ipynb").write_bytes(notebook("tiny", "not Ben's"))
    export = course / "export"
    (export / "ada").mkdir(parents=True)
    (export / "ada" / "tiny").symlink_to(outside)
    (export / "ada" / "t.ipynb").symlink_to(outside / "tiny.ipynb")
    (export / "ben").symlink_to(course / "outside")
    os.mkfifo(export / "ada" / "pipe.ipynb")
    with zipfile.ZipFile(export / "cy.zip", "w") as archive:
        archive.writestr(*link("t.ipynb", str(outside / "tiny.ipynb")))
    (export / "dy").mkdir()
    (export / "dy" / "t.ipynb").write_bytes(notebook("tiny", "dy's"))
    (course / "grading" / "submitted" / "dy").mkdir(parents=True)
    (course / "grading" / "submitted" / "dy" / "tiny").symlink_to(outside)
    collect(course, export)
    said = capsys.readouterr().out.splitlines()
    for place in ("ada/t.ipynb: a link", "ada/tiny: a link", "ben: a link", "cy.zip/t.ipynb: a link"):
        assert f"{place}, left out." in said
    assert "ada/pipe.ipynb: not a plain file, left out." in said
    assert "dy/t.ipynb: grading/submitted/dy/tiny is a link, left out." in said
    assert (outside / "tiny.ipynb").read_bytes() == notebook("tiny", "not Ben's")


def test_nothing_there_is_one_sentence(course):
    with pytest.raises(OSError, match="there is no .*nowhere.zip: FROM is the zip, or the folder"):
        collect(course, course / "nowhere.zip")
    (course / "t.zip").write_bytes(b"no zip")
    with pytest.raises(OSError, match="a damaged zip, or none"):
        collect(course, course / "t.zip")
