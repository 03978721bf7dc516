"""What platforms export is brought to submitted/<student>/<lab>/<lab>.ipynb, and whatever is left out is said."""

import io
import json
import os
import sys
import time
import zipfile

import pytest

from .labs import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import exports
from collecting import collect, pack_feedback
from roster import read_roster

CELLS = {"tiny": ["double", "shared", "test_double"], "large": ["area", "shared", "test_area"]}
DAY = 86_400
MONDAY = time.mktime((2026, 3, 2, 12, 0, 0, 0, 0, -1))


def notebook(lab, text=""):
    """A notebook as bytes: cells that nbgrader knows, and a text that tells one from another."""
    cells = [{"metadata": {"nbgrader": {"grade_id": name}}} for name in CELLS[lab]]
    return json.dumps({"cells": [*cells, {"metadata": {}, "source": text}]}).encode()


@pytest.fixture
def course(tmp_path):
    for lab in CELLS:
        folder = tmp_path / "solutions" / lab
        folder.mkdir(parents=True)
        (folder / f"{lab}.ipynb").write_bytes(notebook(lab))
    (tmp_path / "grading").mkdir()
    return tmp_path


def pack(path, files, at=MONDAY):
    """Write a zip of name → bytes, or → (bytes, seconds since 1970)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            content, changed = content if isinstance(content, tuple) else (content, at)
            archive.writestr(zipfile.ZipInfo(name, time.localtime(changed)[:6]), content, zipfile.ZIP_DEFLATED)
    return path


def packed(files):
    """A zip as bytes."""
    buffer = io.BytesIO()
    pack(buffer, files)
    return buffer.getvalue()


def bring(course, files, lab=None, name="export.zip"):
    """Collect a zip of these files."""
    collect(course, pack(course / name, files), lab)


def submitted(course):
    """student/lab → the text of the notebook; nothing else may lie there."""
    folder = course / "grading" / "submitted"
    found = [path for path in folder.rglob("*") if path.is_file()]
    assert all(path.relative_to(folder).parts[1:] == (path.parent.name, f"{path.parent.name}.ipynb") for path in found)
    return {f"{path.parent.parent.name}/{path.parent.name}": path.read_bytes() for path in found}


def moodle(name, number=1, file="t.ipynb"):
    return f"{name}_{number}_assignsubmission_file/{file}"


@pytest.mark.parametrize(
    ("first", "second", "students"),
    [
        ("Ada Lovelace_11_assignsubmission_file/tp.ipynb", "Ben Bo_12_assignsubmission_file/a b.ipynb", 1),
        ("Ada Lovelace_11_assignsubmission_file_/tp.ipynb", "Ben Bo_12_assignsubmission_file_/tp.ipynb", 1),
        ("Ada Lovelace_11_assignsubmission_file_tp_1.ipynb", "Ben Bo_12_assignsubmission_file_tp.ipynb", 1),
        ("CS1-9/Ada Lovelace_11_assignsubmission_file/x/tp.ipynb", "CS1-9/Ben Bo_12_assignsubmission_file/t.ipynb", 1),
        ("lovelaceada_11_901_tp1.ipynb", "bobo_12_902_tp_1_2-1.ipynb", 2),
        ("lovelaceada_LATE_11_901_tp1-1.ipynb", "bobo_12_902_tp.ipynb", 2),
        ("submissions/lovelaceada_11_901_tp1.ipynb", "submissions/bobo_12_902_tp1.IPYNB", 2),
        ("ada/tiny/tiny.ipynb", "ben/tiny/tiny.ipynb", 3),
        ("ada/my lab (1).ipynb", "ben/tiny.ipynb", 3),
        ("home/users/ada/tiny/tiny.ipynb", "home/users/ben/tiny/tiny.ipynb", 3),
        ("ada/tp_visualisation/exercises/tiny/tiny.ipynb", "ben/exercises/tiny/t.ipynb", 3),
        ("ada\\tiny\\tiny.ipynb", "ben\\tiny\\tiny.ipynb", 3),
    ],
)
@pytest.mark.parametrize("unpacked", [False, True])
def test_the_names_of_every_platform_are_known(course, first, second, students, unpacked):
    files = {first: notebook("tiny", "ada's"), second: notebook("tiny", "ben's")}
    export = pack(course / "export.zip", files)
    if unpacked and "\\" not in first:
        zipfile.ZipFile(export).extractall(course / "export")
        export = course / "export"
    collect(course, export)
    ada, ben = {1: ("Ada_Lovelace", "Ben_Bo"), 2: ("lovelaceada", "bobo"), 3: ("ada", "ben")}[students]
    assert submitted(course) == {f"{ada}/tiny": notebook("tiny", "ada's"), f"{ben}/tiny": notebook("tiny", "ben's")}


def test_zips_inside_are_opened(course):
    inner = packed({"folder/tp.ipynb": notebook("tiny", "ada's"), "__MACOSX/folder/._tp.ipynb": b"junk"})
    twice = packed({"again.zip": packed({"tp.ipynb": notebook("tiny", "ben's")})})
    bring(course, {moodle("Ada", file="tp.zip"): inner, moodle("Ben", 2, file="tp.zip"): twice})
    assert submitted(course) == {"Ada/tiny": notebook("tiny", "ada's"), "Ben/tiny": notebook("tiny", "ben's")}


ROSTERS = {
    "own": "name,id,email\nAda Lovelace,al1,ada@uni.edu\nZoë Bô-Li,zb2,zoe@uni.edu\n",
    "own, from a French spreadsheet": "Nom;Prénom;ID number;Email\nLovelace;Ada;al1;ada@uni.edu\nBô-Li;Zoë;zb2;z@u.e\n",
    "Moodle": '"First name","Last name","ID number","Email address"\nAda,Lovelace,al1,a@u.e\nZoë,Bô-Li,zb2,z@u.e\n',
    "Canvas": "Student,ID,SIS User ID,SIS Login ID,Section,tiny (77)\n    Points Possible,,,,,20\n"
    '"Lovelace, Ada",11,al1,ada,A,\n"Bô-Li, Zoë",12,zb2,zoe,A,3\n"Student, Test",99,,0a,A,\n',
}


@pytest.mark.parametrize("kind", ROSTERS)
@pytest.mark.parametrize(
    ("ada", "zoe"),
    [
        ("Ada Lovelace_11_assignsubmission_file/t.ipynb", "Zoe\u0308 Bo\u0302-Li_12_assignsubmission_file/t.ipynb"),
        ("lovelaceada_11_901_t.ipynb", "bôlizoë_12_902_t.ipynb"),
        ("al1/t.ipynb", "zb2/t.ipynb"),
        ("LOVELACE Ada/t.ipynb", "zoe_bo_li/t.ipynb"),
    ],
)
def test_the_roster_names_the_folders(course, capsys, kind, ada, zoe):
    encoding = "cp1252" if "French" in kind else "utf-8-sig"
    (course / "grading" / "roster.csv").write_text(ROSTERS[kind], encoding=encoding)
    bring(course, {ada: notebook("tiny", "a"), zoe: notebook("tiny", "z")})
    assert submitted(course) == {"al1/tiny": notebook("tiny", "a"), "zb2/tiny": notebook("tiny", "z")}
    assert "roster.csv" not in capsys.readouterr().out


def test_a_number_of_canvas_tells_two_of_one_name_apart(course):
    roster = 'Student,ID,SIS Login ID,Section\n"Li, An",11,an1,A\n"Li, An",12,an2,A\n'
    (course / "grading" / "roster.csv").write_text(roster)
    bring(course, {"lian_12_5_t.ipynb": notebook("tiny", "12"), "lian_11_6_t.ipynb": notebook("tiny", "11")})
    assert submitted(course) == {"an1/tiny": notebook("tiny", "11"), "an2/tiny": notebook("tiny", "12")}


def test_moodles_grading_worksheet_knows_the_students_of_a_blind_marking(course):
    worksheet = "Identifier,Full name,Email address\nParticipant 7,An Li,an@u.e\nParticipant 8,Bo Li,bo@u.e\n"
    (course / "grading" / "roster.csv").write_text(worksheet)
    bring(course, {moodle("Participant", 8): notebook("tiny")})
    assert set(submitted(course)) == {"bo@u.e/tiny"}


def test_the_number_of_a_platform_is_not_taken_for_an_id_of_the_roster(course):
    (course / "grading" / "roster.csv").write_text("name,id\nAn Li,11\nBo Li,12\n")
    files = {moodle("Bo Li", 11): notebook("tiny", "bo"), "anli_12_3_t.ipynb": notebook("tiny", "an")}
    bring(course, files)
    assert submitted(course) == {"11/tiny": notebook("tiny", "an"), "12/tiny": notebook("tiny", "bo")}


def test_who_is_unknown_or_there_twice_keeps_a_folder_and_is_said(course, capsys):
    (course / "grading" / "roster.csv").write_text("name,id\nAn Li,an\nBo Li,bo1\nBo Li,bo2\nCy Li,cy\n")
    who = [("An Li", 1), ("An Li", 2), ("Bo Li", 3), ("Dy Li", 4)]
    bring(course, {moodle(*one): notebook("tiny", str(one)) for one in who})
    assert set(submitted(course)) == {"an_1/tiny", "an_2/tiny", "Bo_Li/tiny", "Dy_Li/tiny"}
    lines = capsys.readouterr().out.splitlines()
    assert "An Li is there twice, filed under an_1." in lines
    assert "Bo Li may be several students of roster.csv, filed under Bo_Li." in lines
    assert "Dy Li is not in roster.csv, filed under Dy_Li." in lines
    assert "Nothing from an, bo1, bo2, cy." in lines


@pytest.mark.parametrize("name", ["t.ipynb", "t.ipynb.txt", "t.json", "t"])
@pytest.mark.parametrize("how", ["plain", "utf-8-sig", "utf-16"])
def test_a_notebook_is_known_whatever_windows_or_a_browser_does_to_it(course, name, how):
    text = notebook("tiny", "é")
    changed = text if how == "plain" else text.decode().encode(how)
    bring(course, {moodle("Ada", file=name): changed})
    assert submitted(course) == {"Ada/tiny": text}


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


def test_of_two_notebooks_the_newest_counts_and_the_other_is_said(course, capsys):
    old, new = (notebook("tiny", "old"), MONDAY), (notebook("tiny", "new"), MONDAY + DAY)
    bring(course, {moodle("Ada", file="b.ipynb"): old, moodle("Ada", file="a.ipynb"): new})
    bring(course, {"adal_1_70_t-1.ipynb": old, "adal_1_69_t.ipynb": new})  # Canvas counts attachments
    assert submitted(course) == {"Ada/tiny": new[0], "adal/tiny": old[0]}
    said = capsys.readouterr().out
    place = "Ada_1_assignsubmission_file"
    assert f"{place}/b.ipynb: Ada has handed in a newer one, {place}/a.ipynb, left out." in said
    assert "adal_1_69_t.ipynb: adal has handed in a newer one, adal_1_70_t-1.ipynb, left out." in said


def test_a_newer_export_replaces_an_older_one_and_says_so(course, capsys):
    def at(days, text):
        capsys.readouterr()
        bring(course, {moodle("Ada"): (notebook("tiny", text), MONDAY + days * DAY)})
        return submitted(course)["Ada/tiny"], capsys.readouterr().out

    text, said = at(0, "first")
    assert "1 new, 0 replaced, 0 unchanged" in said
    text, said = at(2, "second")
    assert text == notebook("tiny", "second")
    assert "Ada/tiny: Ada_1_assignsubmission_file/t.ipynb replaces the one of 2026-03-02 12:00." in said
    text, said = at(1, "late export of an old one")
    assert text == notebook("tiny", "second")
    assert "t.ipynb: older than the one of 2026-03-04 12:00 that is there, left out." in said
    assert "0 new, 0 replaced, 1 unchanged" in at(2, "second")[1]


def test_other_students_of_submitted_are_left_alone(course):
    bring(course, {moodle("Ada"): notebook("tiny")})
    bring(course, {moodle("Ben", 2): notebook("tiny")})
    assert set(submitted(course)) == {"Ada/tiny", "Ben/tiny"}


def test_a_notebook_of_another_lab_is_left_out_of_a_platforms_export(course, capsys):
    files = {moodle(name, n): notebook("tiny") for n, name in enumerate(["Ada", "Ben"])}
    files[moodle("Cy", 9)] = notebook("large")
    bring(course, files)
    assert set(submitted(course)) == {"Ada/tiny", "Ben/tiny"}
    place = "Cy_9_assignsubmission_file/t.ipynb"
    assert f"{place}: a notebook of large, not of tiny, left out." in capsys.readouterr().out
    bring(course, files, lab="large")
    assert set(submitted(course)) == {"Ada/tiny", "Ben/tiny", "Cy/large"}


def test_folders_of_your_own_may_hold_several_labs(course):
    bring(course, {"ada/a.ipynb": notebook("tiny"), "ada/b.ipynb": notebook("large"), "ben/b.ipynb": notebook("large")})
    assert set(submitted(course)) == {"ada/tiny", "ada/large", "ben/large"}


def test_an_export_of_which_lab_nobody_knows_asks_for_it(course):
    files = {moodle("Ada"): notebook("tiny"), moodle("B", 2): notebook("large")}
    with pytest.raises(ValueError, match="is this export of large or of tiny.*LAB=<lab>"):
        bring(course, files)
    with pytest.raises(ValueError, match="no lab is called 'tinny'; the labs are large, tiny"):
        bring(course, files, lab="tinny")
    assert not submitted(course)


def test_a_broken_notebook_is_for_the_grader_unless_its_student_has_a_good_one(course, capsys):
    files = {
        moodle("Ada"): notebook("tiny"),
        moodle("Ada", file="try.ipynb"): (b"{}", MONDAY + DAY),
        moodle("Ben", 2): b'{"cells": [',
        moodle("Cy", 3): b"[" * 100_000,
    }
    bring(course, files)
    assert submitted(course)["Ada/tiny"] == notebook("tiny")
    assert submitted(course)["Ben/tiny"] == b'{"cells": ['
    assert set(submitted(course)) == {"Ada/tiny", "Ben/tiny", "Cy/tiny"}
    assert "try.ipynb: not a notebook with cells of a lab, left out." in capsys.readouterr().out


def test_a_file_of_nobody_is_said(course, capsys):
    bring(course, {"t.ipynb": notebook("tiny"), "tiny/u.ipynb": notebook("tiny"), "...---/x.ipynb": notebook("tiny")})
    assert not submitted(course)
    said = capsys.readouterr().out
    for name in ("t.ipynb", "tiny/u.ipynb"):
        assert f"{name}: whose is it? No folder and no name says so, left out." in said


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("=cmd|'calc'!A0", "cmd_calc_A0"),
        ("-rf x", "rf_x"),
        ("<img src=x onerror=alert(1)>", "img_src_x_onerror_alert_1"),
        ("[abc]*", "abc"),
        ("Ngô Đình\u202e", "Ngô_Đình"),
    ],
)
def test_no_name_is_dangerous_as_a_folder(course, capsys, name, folder):
    bring(course, {moodle(name, file="\x1b[31mt.pdf"): b"", moodle(name): notebook("tiny")})
    assert set(submitted(course)) == {f"{folder}/tiny"}
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_nothing_there_is_one_sentence(course):
    with pytest.raises(OSError, match="there is no .*nowhere.zip: FROM is the zip, or the folder"):
        collect(course, course / "nowhere.zip")
    (course / "t.zip").write_bytes(b"no zip")
    with pytest.raises(OSError, match="a damaged zip, or none"):
        collect(course, course / "t.zip")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "roster.csv has no student"),
        ("name,id\n", "roster.csv has no student"),
        ("who,mail\nAda,a@b\n", "needs a column of names .* got who, mail: name its columns name, id, email"),
        ("name,id,email\nAda,,\n", 'roster.csv: "Ada" has neither an id nor an e-mail: give one'),
        ("name,id\nAda,1\nBen,1\n", "roster.csv has two students with the id 1"),
    ],
)
def test_a_roster_that_cannot_be_used_says_why(tmp_path, text, said):
    (tmp_path / "roster.csv").write_text(text)
    with pytest.raises(ValueError, match=said):
        read_roster(tmp_path / "roster.csv")


@pytest.mark.parametrize(
    ("place", "back"),
    [
        ("Ada L_11_assignsubmission_file/t.ipynb", "Ada L_11_assignsubmission_file/tiny.html"),
        ("wrap/Ada L_11_assignsubmission_file_/t.zip", "Ada L_11_assignsubmission_file_/tiny.html"),
        ("Ada L_11_assignsubmission_file_t.ipynb", "Ada L_11_assignsubmission_file_tiny.html"),
        ("lada_LATE_11_901_t-1.ipynb", "lada_LATE_11_901_tiny.html"),
        ("ada/tiny/tiny.ipynb", "ada/tiny.html"),
    ],
)
def test_feedback_goes_back_under_the_platforms_own_names(course, capsys, place, back):
    content = packed({"t.ipynb": notebook("tiny")}) if place.endswith(".zip") else notebook("tiny")
    bring(course, {place: content, "Ben_12_assignsubmission_file/t.ipynb": notebook("tiny")})
    (student,) = {path.split("/")[0] for path in submitted(course)} - {"Ben"}
    for folder, lab in [(student, "tiny"), (student, "large"), ("by_hand", "tiny")]:
        page = course / "grading" / "feedback" / folder / lab / f"{lab}.html"
        page.parent.mkdir(parents=True)
        page.write_text(f"{folder} {lab}")
    pack_feedback(course, "tiny")
    with zipfile.ZipFile(course / "grading" / "feedback_tiny.zip") as archive:
        assert {name: archive.read(name).decode() for name in archive.namelist()} == {
            back: f"{student} tiny",
            "by_hand/tiny.html": "by_hand tiny",
        }
    assert "Ben: handed in, but has no feedback yet." in capsys.readouterr().out


def test_feedback_of_no_lab_is_one_sentence(course):
    with pytest.raises(FileNotFoundError, match="no feedback in grading/feedback/<student>/tinny/: grade first"):
        pack_feedback(course, "tinny")
